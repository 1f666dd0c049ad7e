# The stack's visits: the files of source/ with the shared builder.
{
  pkgs,
  src ? ./source,
  ...
}:
import ../../../builders/python.nix {
  inherit pkgs src;
  name = "visits";
}
