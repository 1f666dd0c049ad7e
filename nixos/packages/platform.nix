# The control plane, with all that it serves: the page, and this flake with the agent for workers to take.
{
  pkgs,
  npmRegistry,
  agent,
  ui,
}:
import ./program.nix {
  inherit pkgs npmRegistry;
  name = "skypanel-platform";
  description = "SkyPanel's control plane";
  workspaces = [
    "platform"
    "contract"
  ];
  main = "platform/src/main.ts";
  path = [
    # Services' Git remotes, their hook, and what bounds Git's memory (`prlimit`).
    pkgs.gitMinimal
    pkgs.coreutils
    pkgs.util-linux
    # What upstream caches compress with, and Node.js does not know.
    pkgs.bzip2
    pkgs.xz
  ];
  folders = [
    "agent"
    "cli"
    "migrations"
    "modules"
    "nixos"
    "templates"
    "ui"
  ];
  files = [
    "flake.lock"
    "flake.nix"
    "package-lock.json"
  ];
  postInstall = ''
    ln -s ${ui} ui/dist
    mkdir agent/dist
    cp ${agent.bundle}/*.mjs agent/dist/
  '';
}
