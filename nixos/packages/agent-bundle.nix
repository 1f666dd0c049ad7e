# The agent and its launcher, each one file of JavaScript. A flake that a platform serves has them already, so that a
# NixOS worker runs the same bytes as any other; otherwise they are made from the sources here.
{
  pkgs,
  npmRegistry,
}:
let
  inherit (pkgs) lib;
  made = ../../agent/dist;
  isMade = builtins.pathExists (made + "/agent.mjs");
  workspaces = [
    "agent"
    "contract"
  ];
  modules = import ./node-modules.nix {
    inherit pkgs npmRegistry workspaces;
    packages = [ "rolldown" ];
  };
  source = import ./source.nix {
    inherit lib;
    folders = workspaces ++ [ "platform/src/install" ];
    files = [
      "package.json"
      "dev/build-agent.ts"
    ];
  };
in
pkgs.runCommand "skypanel-agent-bundle" { nativeBuildInputs = [ pkgs.nodejs_24 ]; } ''
  ${
    if isMade then
      ''
        cp -r ${made} $out
        chmod u+w $out
      ''
    else
      ''
        cp -r ${source}/. .
        chmod -R u+w .
        ${import ./link-node-modules.nix { inherit lib modules workspaces; }}
        node dev/build-agent.ts
        mv agent/dist $out
      ''
  }
  sha256sum $out/agent.mjs | cut -d ' ' -f 1 | tr -d '\n' >$out/agent.sha256
''
