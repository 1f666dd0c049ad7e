# `nix flake check`: everything that can fail. Virtual machines are tested where SkyPanel's programs can be built
# (flake-packages.nix says when); a file in tests/ is a check.
{ pkgs }:
let
  inherit (pkgs) lib;
  packages = import ./flake-packages.nix { inherit pkgs; };
  prefixed = prefix: lib.mapAttrs' (name: lib.nameValuePair "${prefix}-${name}");

  testFiles = lib.filterAttrs (name: _: lib.hasSuffix ".nix" name) (builtins.readDir ./tests);
  tests = lib.mapAttrs' (
    file: _:
    lib.nameValuePair (lib.removeSuffix ".nix" file) (
      pkgs.testers.runNixOSTest (import (./tests + "/${file}") { inherit pkgs; })
    )
  ) testFiles;
in
prefixed "package" packages
// prefixed "shell" (import ./dev-shell.nix { inherit pkgs; })
// {
  modules = import ./modules-check.nix {
    inherit pkgs;
    nixpkgsLib = pkgs.path + "/lib";
  };
}
// lib.optionalAttrs (packages ? platform) (prefixed "test" tests)
