# Node.js and npm from the npm registry, and nixpkgs' ways to build with them.
{
  lib,
  pkgs,
  registry,
  wanted,
  debian,
}:
let
  tarball =
    { package, version, integrity }:
    pkgs.fetchurl {
      url = "${registry}/${package}/-/${baseNameOf package}-${version}.tgz";
      hash = integrity;
    };

  nodejs-slim = pkgs.stdenv.mkDerivation {
    pname = "nodejs-slim";
    inherit (wanted.nodejs) version;
    src = tarball wanted.nodejs;
    dontConfigure = true;
    dontBuild = true;
    installPhase = ''
      runHook preInstall
      install -D -m 755 bin/node $out/bin/node
      # Native modules of npm (Vite's bundler, sharp's libvips) link to them, and Debian's loader would look for them in
      # /lib only.
      ${debian.patchelf}/bin/patchelf --add-needed librt.so.1 --add-needed libresolv.so.2 $out/bin/node
      ${debian.patchelf}/bin/patchelf \
        --set-interpreter ${debian.glibc}/lib/ld-linux-x86-64.so.2 \
        --set-rpath ${debian.gccLibraries}/lib:${debian.glibc}/lib $out/bin/node
      runHook postInstall
    '';
    doInstallCheck = true;
    installCheckPhase = ''
      [ "$($out/bin/node -p process.versions.node)" = "$version" ]
    '';
    meta.mainProgram = "node";
    passthru.isNodejs = true;
  };

  # As nixpkgs' nodejs: npm beside Node.js. Services run on the slim one, whose closure has no npm.
  nodejs = pkgs.stdenv.mkDerivation {
    pname = "nodejs";
    inherit (wanted.nodejs) version;
    src = tarball wanted.npm;
    nativeBuildInputs = [ nodejs-slim ];
    dontConfigure = true;
    dontBuild = true;
    installPhase = ''
      runHook preInstall
      mkdir -p $out/bin $out/lib/node_modules
      rm -rf docs man
      cp -r . $out/lib/node_modules/npm
      ln -s ${nodejs-slim}/bin/node $out/bin/node
      ln -s ../lib/node_modules/npm/bin/npm-cli.js $out/bin/npm
      ln -s ../lib/node_modules/npm/bin/npx-cli.js $out/bin/npx
      runHook postInstall
    '';
    meta.mainProgram = "node";
    passthru = {
      slim = nodejs-slim;
      python = null;
    };
  };

  yarnBerry =
    about:
    pkgs.stdenv.mkDerivation {
      pname = "yarn-berry";
      inherit (about) version;
      src = tarball about;
      dontConfigure = true;
      dontBuild = true;
      installPhase = ''
        runHook preInstall
        install -D -m 644 bin/yarn.js $out/share/yarn/yarn.js
        mkdir $out/bin
        printf '%s\n' '#!${pkgs.runtimeShell}' "exec ${nodejs-slim}/bin/node $out/share/yarn/yarn.js \"\$@\"" >$out/bin/yarn
        chmod +x $out/bin/yarn
        runHook postInstall
      '';
      meta.mainProgram = "yarn";
    };

  importNpmLock = import ./import-npm-lock.nix { inherit lib pkgs nodejs registry; };
in
{
  inherit nodejs nodejs-slim importNpmLock;
  deno = import ./deno.nix { inherit pkgs debian tarball; wanted = wanted.deno; };
  nodejs_24 = nodejs;
  yarn-berry_3 = yarnBerry wanted.yarn-berry_3;
  yarn-berry_4 = yarnBerry wanted.yarn-berry_4;
  yarn-berry = yarnBerry wanted.yarn-berry_4;
  nodejs-slim_24 = nodejs-slim;
  buildNpmPackage = import ./build-npm-package.nix { inherit lib pkgs nodejs importNpmLock; };
  # Every file is verified by the lock's own integrity, so the hash over all of them has nothing to add.
  fetchNpmDeps = { src, sourceRoot ? "", ... }: importNpmLock { npmRoot = src + (lib.optionalString (sourceRoot != "") "/${sourceRoot}"); };
}
