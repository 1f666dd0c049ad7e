# Our options as data, in the order of the alphabet.
{ lib }:
let
  nixpkgsLib = import (/. + lib);
  pkgs = import ./packages.nix { lib = nixpkgsLib; };
  machine = import ./machine.nix {
    inherit pkgs;
    lib = nixpkgsLib;
  };
  isOurs = option: option.visible && !option.internal && nixpkgsLib.hasPrefix "services.skypanel." option.name;
in
map
  (option: {
    inherit (option) name type description;
    default = option.default or null;
    example = option.example or null;
  })
  (builtins.filter isOurs (nixpkgsLib.optionAttrSetToDocList (machine [ ]).options.services.skypanel))
