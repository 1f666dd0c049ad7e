# `skypanel`, the command line.
{
  pkgs,
  npmRegistry,
}:
import ./program.nix {
  inherit pkgs npmRegistry;
  name = "skypanel";
  description = "SkyPanel's command line";
  workspaces = [
    "cli"
    "contract"
  ];
  main = "cli/src/main.ts";
}
