# `nix build .#agent` and so on: SkyPanel's programs, and the service of each template.
#
# Neither lock file says where npm's packages come from. What is made of them is only there when the registry is known,
# `npm_config_registry=… nix build --impure .#platform`; the agent also where a platform has put it in its flake.
{ pkgs }:
let
  inherit (pkgs) lib;
  programs = import ./packages { inherit pkgs; };
  isKnown = builtins.getEnv "npm_config_registry" != "";
  isServed = builtins.pathExists ../agent/dist/agent.mjs;
in
import ./template-packages.nix { inherit pkgs; }
// lib.optionalAttrs isKnown { inherit (programs) cli platform ui; }
// lib.optionalAttrs (isKnown || isServed) { inherit (programs) agent; }
