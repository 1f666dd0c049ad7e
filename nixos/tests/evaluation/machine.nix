# `machine MODULES` is the configuration that NixOS would make of them, with what it would say against it.
{ lib, pkgs }:
modules:
let
  inherit
    (lib.evalModules {
      modules = [
        ./options.nix
        (import ../../../modules).default
        {
          nix.package = lib.mkDefault pkgs.nix;
          services.skypanel.worker.package = lib.mkDefault pkgs.skypanel-agent;
          services.skypanel.platform.package = lib.mkDefault pkgs.skypanel-platform;
        }
      ]
      ++ modules;
      specialArgs = { inherit pkgs; };
    })
    config
    options
    ;
in
config
// {
  inherit options;
  # Messages of the assertions that do not hold, each on one line.
  refused = map ({ message, ... }: lib.trim (lib.replaceStrings [ "\n" ] [ " " ] message)) (
    builtins.filter ({ assertion, ... }: !assertion) config.assertions
  );
}
