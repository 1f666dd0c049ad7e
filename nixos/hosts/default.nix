# `nixosConfigurations`: whole machines, as a start for one's own. Each is a file beside this one.
{ nixpkgs }:
let
  inherit (nixpkgs) lib;
  skypanel = import ../../modules;
  hosts = lib.filterAttrs (name: _: lib.hasSuffix ".nix" name && name != "default.nix") (builtins.readDir ./.);
  machine =
    file: _:
    lib.nameValuePair (lib.removeSuffix ".nix" file) (
      lib.nixosSystem {
        modules = [
          skypanel.default
          (./. + "/${file}")
        ];
      }
    );
in
lib.mapAttrs' machine hosts
