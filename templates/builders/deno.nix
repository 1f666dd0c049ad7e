# A Deno service, with its dependencies in its vendor folder or with none. Written for nixpkgs.
{
  pkgs,
  src,
  # The command line that starts the service.
  start,
  name ? "app",
  version ? "0.0.0",
  # The command line that builds; null when nothing is built.
  buildCommand ? null,
  # The module that is started: everything that it imports has to be there. Null when nobody knows it.
  entry ? null,
  ...
}:
let
  inherit (pkgs) lib;
  command = import ./start-command.nix { inherit lib; };
in
pkgs.stdenvNoCC.mkDerivation {
  pname = name;
  inherit version;
  src = lib.cleanSource src;
  nativeBuildInputs = [ pkgs.deno ];
  dontConfigure = true;
  dontFixup = true;

  buildPhase = ''
    runHook preBuild
    export HOME=$TMPDIR DENO_DIR=$TMPDIR/deno DENO_NO_UPDATE_CHECK=1 NO_COLOR=1
    ${lib.optionalString (buildCommand != null) ''
      (
        ${buildCommand}
      )
    ''}
    ${lib.optionalString (entry != null) "deno cache --no-lock --allow-import ${lib.escapeShellArg entry}"}
    runHook postBuild
  '';

  installPhase = ''
    runHook preInstall
    app=$out/lib/${name}
    mkdir -p $app
    cp -r . $app/
    ${command.install {
      inherit (pkgs) runtimeShell;
      program = name;
      text = start;
      folder = "$app";
      path = [ "${pkgs.deno}/bin" ];
      environment = {
        # The root of a container is read-only.
        DENO_DIR = "/tmp/deno";
        DENO_NO_UPDATE_CHECK = "1";
      };
    }}
    runHook postInstall
  '';

  meta.mainProgram = name;
}
