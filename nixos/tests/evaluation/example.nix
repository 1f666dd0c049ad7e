# A flake of docs/nixos.md, as far as it is ours: which units its machine has, and what it is refused for.
{
  # Folder of nixpkgs' lib.
  lib,
  # The flake's file.
  file,
}:
let
  nixpkgsLib = import (/. + lib);
  pkgs = import ./packages.nix { lib = nixpkgsLib; };
  machine = import ./machine.nix {
    inherit pkgs;
    lib = nixpkgsLib;
  };
  flake = (import (/. + file)).outputs {
    nixpkgs.lib.nixosSystem = { modules }: machine modules;
    skypanel.nixosModules = import ../../../modules;
  };
in
nixpkgsLib.mapAttrs (_: host: {
  inherit (host) refused;
  units = nixpkgsLib.attrNames host.systemd.services;
}) flake.nixosConfigurations
