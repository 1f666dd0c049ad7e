# `nix build .#python` and so on: each template's service, with its own files, built with nixpkgs.
{ pkgs }:
let
  inherit (pkgs) lib;
  # The lock file of the Node.js template does not say where its packages come from, so it is only there when the
  # registry is known: `npm_config_registry=… nix build --impure .#nodejs`.
  npmRegistry = builtins.getEnv "npm_config_registry";
  template =
    name:
    import (../templates + "/${name}") (
      { inherit pkgs; } // lib.optionalAttrs (npmRegistry != "") { inherit npmRegistry; }
    );
in
lib.genAttrs (
  [
    "python"
    "go"
    "static"
  ]
  ++ lib.optional (npmRegistry != "") "nodejs"
) template
