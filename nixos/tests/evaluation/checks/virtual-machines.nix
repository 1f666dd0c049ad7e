# The machines of the tests that only run with nixpkgs: their options exist, and nothing of them is refused.
{
  lib,
  pkgs,
  machine,
  check,
  ...
}:
let
  folder = ../..;
  files = lib.filter (lib.hasSuffix ".nix") (lib.attrNames (builtins.readDir folder));
  tests = lib.genAttrs files (file: import (folder + "/${file}") { inherit pkgs; });

  # What NixOS has for virtual machines.
  ofVirtualMachines = {
    options = {
      systemd.tmpfiles.rules = lib.mkOption { type = lib.types.listOf lib.types.str; };
      virtualisation = lib.genAttrs [
        "additionalPaths"
        "diskSize"
        "memorySize"
        "writableStore"
      ] (_: lib.mkOption { type = lib.types.raw; });
    };
  };
  refused =
    test:
    lib.concatMap (
      node:
      (machine [
        ofVirtualMachines
        node
      ]).refused
    ) (lib.attrValues test.nodes);
in
[
  (check "the tests" files [
    "fleet.nix"
    "gvisor.nix"
    "remapped-users.nix"
  ])
  (check "none of their machines is refused" (lib.mapAttrs (_: refused) tests) (lib.genAttrs files (_: [ ])))
]
