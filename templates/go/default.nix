# The Go template: the files of source/ with the shared builder.
{
  pkgs,
  src ? ./source,
  ...
}:
import ../builders/go.nix {
  inherit pkgs src;
  name = "go";
}
