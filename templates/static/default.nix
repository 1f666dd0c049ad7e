# The template of a static site: the files of source/ with the shared builder.
{
  pkgs,
  src ? ./source,
  ...
}:
import ../builders/static.nix {
  inherit pkgs src;
  name = "static";
}
