# The page, as the platform serves it.
{
  pkgs,
  npmRegistry,
}:
let
  inherit (pkgs) lib;
  modules = import ./node-modules.nix {
    inherit pkgs npmRegistry;
    workspaces = [
      "ui"
      "contract"
    ];
  };
in
pkgs.stdenvNoCC.mkDerivation {
  pname = "skypanel-ui";
  inherit (lib.importJSON ../../package.json) version;
  src = import ./source.nix {
    inherit lib;
    folders = [
      "ui"
      "contract"
    ];
    files = [
      "package.json"
      "tsconfig.base.json"
    ];
  };
  nativeBuildInputs = [ pkgs.nodejs_24 ];
  dontConfigure = true;
  buildPhase = ''
    runHook preBuild
    ${import ./link-node-modules.nix { inherit lib modules; workspaces = [ "ui" "contract" ]; }}
    node node_modules/vite/bin/vite.js build ui
    runHook postBuild
  '';
  installPhase = ''
    runHook preInstall
    cp -r ui/dist $out
    runHook postInstall
  '';
  dontFixup = true;
  meta.description = "SkyPanel's page";
}
