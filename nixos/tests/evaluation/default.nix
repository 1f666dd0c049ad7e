# Runs one file of checks. A check says what it is about, what there is and what there shall be:
#   { name = "…"; actual = …; expected = …; }
{
  # Folder of nixpkgs' lib.
  lib,
  # File of checks.
  file,
}:
let
  nixpkgsLib = import (/. + lib);
  pkgs = import ./packages.nix { lib = nixpkgsLib; };
  machine = import ./machine.nix {
    inherit pkgs;
    lib = nixpkgsLib;
  };
  samples = import ./samples.nix;
  check = name: actual: expected: { inherit name actual expected; };
  # Of something that is refused, and why: part of a message is enough.
  refuses =
    name: reason: modules:
    let
      messages = (machine modules).refused;
      right = builtins.filter (nixpkgsLib.hasInfix reason) messages;
    in
    check "refuses ${name}" (if right == [ ] then messages else [ reason ]) [ reason ];
  accepts = name: modules: check "accepts ${name}" (machine modules).refused [ ];
in
import (/. + file) {
  inherit
    pkgs
    machine
    samples
    check
    refuses
    accepts
    ;
  lib = nixpkgsLib;
}
