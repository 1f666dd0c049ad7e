# The Node.js template: the files of source/ with the shared builder.
{
  pkgs,
  src ? ./source,
  npmRegistry ? pkgs.embedded.npmRegistry or null,
  ...
}:
import ../builders/nodejs.nix {
  inherit pkgs src npmRegistry;
  name = "nodejs";
}
