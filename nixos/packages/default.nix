# SkyPanel's own programs. They are built from npm packages where they are not built yet; the lock file does not say where
# those come from, so that it is only possible where the registry is known:
#
#   npm_config_registry=… nix build --impure .#platform
{
  pkgs,
  npmRegistry ? (
    let
      registry = builtins.getEnv "npm_config_registry";
    in
    if registry == "" then pkgs.embedded.npmRegistry or null else registry
  ),
}:
rec {
  agent = import ./agent.nix { inherit pkgs npmRegistry; };
  ui = import ./ui.nix { inherit pkgs npmRegistry; };
  platform = import ./platform.nix {
    inherit
      pkgs
      npmRegistry
      agent
      ui
      ;
  };
  cli = import ./cli.nix { inherit pkgs npmRegistry; };
}
