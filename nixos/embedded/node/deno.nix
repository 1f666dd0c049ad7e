# Deno from the npm registry: the program as its makers build it, with the C library of the store.
{
  pkgs,
  wanted,
  debian,
  tarball,
}:
pkgs.stdenv.mkDerivation {
  pname = "deno";
  inherit (wanted) version;
  src = tarball wanted;
  dontConfigure = true;
  dontBuild = true;
  installPhase = ''
    runHook preInstall
    install -D -m 755 deno $out/bin/deno
    ${debian.patchelf}/bin/patchelf \
      --set-interpreter ${debian.glibc}/lib/ld-linux-x86-64.so.2 \
      --set-rpath ${debian.gccLibraries}/lib:${debian.glibc}/lib $out/bin/deno
    runHook postInstall
  '';
  doInstallCheck = true;
  installCheckPhase = ''
    HOME=$TMPDIR $out/bin/deno --version | grep -qF "deno $version "
  '';
  meta.mainProgram = "deno";
}
