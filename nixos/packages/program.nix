# A program of this repository that Node.js runs from its sources, in the folders that it has here.
{
  pkgs,
  npmRegistry,
  name,
  description,
  # The program's own workspace first.
  workspaces,
  # The file that starts it.
  main,
  folders ? [ ],
  files ? [ ],
  # Programs that it starts.
  path ? [ ],
  # Shell lines in the installed folder.
  postInstall ? "",
  passthru ? { },
}:
let
  inherit (pkgs) lib;
  modules = import ./node-modules.nix { inherit pkgs npmRegistry workspaces; };
in
pkgs.stdenvNoCC.mkDerivation {
  pname = name;
  inherit (lib.importJSON ../../package.json) version;
  src = import ./source.nix {
    inherit lib;
    folders = workspaces ++ folders;
    files = [ "package.json" ] ++ files;
  };
  nativeBuildInputs = [ pkgs.makeWrapper ];
  dontConfigure = true;
  dontBuild = true;
  dontFixup = true;
  installPhase = ''
    runHook preInstall
    mkdir -p $out/lib
    cp -r . $out/lib/skypanel
    cd $out/lib/skypanel
    ${import ./link-node-modules.nix { inherit lib modules workspaces; }}
    ${postInstall}
    makeWrapper ${lib.getExe (pkgs.nodejs-slim_24 or pkgs.nodejs_24)} $out/bin/${name} \
      --add-flags $out/lib/skypanel/${main} ${
        lib.optionalString (path != [ ]) "--prefix PATH : ${lib.makeBinPath path}"
      }
    runHook postInstall
  '';
  inherit passthru;
  meta = {
    inherit description;
    mainProgram = name;
    license = lib.licenses.agpl3Only;
    platforms = lib.platforms.linux;
  };
}
