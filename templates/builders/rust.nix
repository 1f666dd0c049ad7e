# A Rust service from Cargo.toml and Cargo.lock, with its crates by their checksums or in the repository.
# Written for nixpkgs.
{
  pkgs,
  src,
  name ? "app",
  version ? "0.0.0",
  # The command line that starts the service, with the package's programs on PATH; else `program`, else the one of the
  # package's name, or the only one.
  start ? null,
  # Instead of `cargo build`.
  buildCommand ? null,
  # What the recogniser read from the lock file: { name; version; url; checksum; }.
  crates ? [ ],
  # The folder in `src` that has the crates instead; null when it has none.
  vendor ? null,
  # The folder with the Cargo.lock, from `src`; the package in it that is built; the folder in it that the service starts in.
  place ? "",
  member ? "",
  runFolder ? "",
  program ? null,
  packageName ? null,
  # Files from `src` that are compiled by themselves, such as src/main.rs: empty ones in their place let Cargo compile the
  # crates alone.
  targets ? [ ],
  # Names of the packages that they are of.
  packages ? [ ],
  # The oldest Rust that will do, and where it says so; null when nothing does.
  rust ? null,
  ...
}:
let
  inherit (pkgs) lib;
  within = folder: lib.escapeShellArg "./${folder}";

  compiler =
    if rust != null && lib.versionOlder pkgs.rustc.version rust.oldest then
      throw "${rust.where}: it asks for Rust ${rust.oldest}, and this builder has Rust ${pkgs.rustc.version}"
    else
      pkgs.rustc;

  # What crates that are written in C link to, as far as the package set has it.
  libraries = map (each: pkgs.${each}) (
    builtins.filter (each: pkgs ? ${each}) [
      "libpq"
      "openssl"
      "sqlite"
      "zlib"
    ]
  );

  # In the place of crates.io for every Cargo of the build, also for one that a command starts.
  settings = ''
    export HOME=$TMPDIR CARGO_HOME=$TMPDIR/cargo CARGO_NET_OFFLINE=true
    mkdir -p $CARGO_HOME
    ${lib.optionalString (crates != [ ]) ''
      # Paths of crates are in the programs, where they would refer to the store.
      ln -s ${import ./rust-crates.nix { inherit pkgs name crates; }} $TMPDIR/crates
      printf '%s\n' '[source.crates-io]' 'replace-with = "crates"' '[source.crates]' "directory = \"$TMPDIR/crates\"" \
        >$CARGO_HOME/config.toml
    ''}
  '';

  relative = path: lib.removePrefix "${toString src}/" path;
  isVendored = path: vendor != null && lib.hasPrefix "${vendor}/" "${relative path}/";

  cargoBuild = ''
    (
      cd ${within member}
      ${if buildCommand != null then buildCommand else "cargo build --release --frozen --jobs $NIX_BUILD_CORES"}
    )
  '';

  # Another command than Cargo's may want more than manifests.
  isApart =
    (crates != [ ] || vendor != null) && (buildCommand == null || lib.hasPrefix "cargo build" buildCommand);

  common = {
    inherit version;
    nativeBuildInputs = [
      compiler
      pkgs.cargo
      pkgs.zstd
    ] ++ lib.optional (pkgs ? pkg-config) pkgs.pkg-config;
    buildInputs = libraries;
    configurePhase = ''
      runHook preConfigure
      ${settings}
      cd ${within place}
      export CARGO_TARGET_DIR=$PWD/target
      runHook postConfigure
    '';
  };

  # What Cargo makes of the crates: it depends on the manifests alone, so that a change of the source compiles only that.
  # Whatever goes wrong without the source is left to the build that has it.
  compiled = pkgs.stdenv.mkDerivation (
    common
    // {
      pname = "${name}-crates-compiled";
      src = lib.cleanSourceWith {
        src = lib.cleanSource src;
        filter =
          path: type:
          type == "directory" && baseNameOf path != "target"
          || isVendored path
          || builtins.elem (baseNameOf path) [
            "Cargo.toml"
            "Cargo.lock"
          ]
          || baseNameOf (dirOf path) == ".cargo";
        name = "source";
      };
      targets = lib.concatMapStrings (path: "${path}\n") targets;
      passAsFile = [ "targets" ];
      postUnpack = ''
        while IFS= read -r path; do
          install -D ${builtins.toFile "target.rs" "#![allow(warnings)]\nfn main() {}\n"} "$sourceRoot/$path"
        done <$targetsPath
      '';
      buildPhase = ''
        runHook preBuild
        echo "the crates alone, with empty files in the place of the service's own"
        {
          ${cargoBuild}
        } || rm -rf target
        mkdir -p target/release
        # What only looks like the service's own is not taken for it: without its fingerprint Cargo makes it again.
        for folder in target/release target/*/release; do
          [ -d $folder ] || continue
          find $folder -maxdepth 1 -type f -delete
          for package in ${toString packages}; do rm -rf $folder/.fingerprint/$package-????????????????; done
        done
        runHook postBuild
      '';
      installPhase = "mkdir $out; tar -cf - target | zstd -3 -T0 >$out/target.tar.zst";
      dontFixup = true;
    }
  );

  programs = pkgs.stdenv.mkDerivation (
    common
    // {
      pname = "${name}-programs";
      src = lib.cleanSourceWith {
        src = lib.cleanSource src;
        filter = path: type: !(type == "directory" && baseNameOf path == "target");
        name = "source";
      };
      preBuild = lib.optionalString isApart "zstd -dc ${compiled}/target.tar.zst | tar -x";
      buildPhase = ''
        runHook preBuild
        ${cargoBuild}
        runHook postBuild
      '';
      # With the files that are part of the programs (include_str!): nobody looks for them in a folder.
      installPhase = ''
        runHook preInstall
        mkdir -p $out/bin $out/nix-support
        touch $TMPDIR/embedded
        for folder in target/release target/*/release; do
          [ -d $folder ] || continue
          find $folder -maxdepth 1 -type f -perm -0100 ! -name '*.so' -exec cp {} $out/bin/ \;
          cat $folder/*.d 2>/dev/null | tr ' ' '\n' | sed -n "s|^$PWD/||p" >>$TMPDIR/embedded || true
        done
        sort -u $TMPDIR/embedded >$out/nix-support/embedded-files
        if [ -z "$(ls $out/bin)" ]; then
          echo "error: Cargo made no program in target/release" >&2
          exit 1
        fi
        runHook postInstall
      '';
      meta.mainProgram = if program != null then program else packageName;
    }
  );
in
import ./compiled-service.nix {
  inherit
    pkgs
    name
    version
    programs
    start
    ;
  program = toString programs.meta.mainProgram;
  next = "say which in `default-run` of its Cargo.toml, or in a Procfile";
  src = lib.cleanSourceWith {
    src = lib.cleanSource src;
    filter =
      path: type:
      !(lib.hasSuffix ".rs" path)
      && !(type == "directory" && builtins.elem (baseNameOf path) [ "target" ".cargo" ])
      && relative path != vendor;
    name = "source";
  };
  strip = ''
    cd ${within place}
    find . \( -name Cargo.toml -o -name Cargo.lock -o -name Procfile -o -name 'rust-toolchain*' \) -exec rm -r {} +
  '';
  folder = runFolder;
  # Where Cargo would have put the programs: Procfiles for Rust name them so.
  arrange = lib.optionalString (start != null) ''
    mkdir -p $app/${runFolder}/target
    ln -s ${programs}/bin $app/${runFolder}/target/release
  '';
}
