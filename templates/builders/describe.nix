# What SkyPanel has to know of a derivation before it builds it, as plain data (for `--json`).
{
  pkgs,
  derivation,
}:
let
  inherit (pkgs) lib;
in
{
  inherit (derivation) drvPath name;
  # Not called outPath: that would turn the whole set into a string.
  output = derivation.outPath;
  system = derivation.system or pkgs.system;
  # The program in `bin` that starts the service; null: the only one there, or the one of the package's name.
  mainProgram = derivation.meta.mainProgram or null;
  pname = derivation.pname or (lib.getName derivation.name);
  description = derivation.meta.description or null;
}
