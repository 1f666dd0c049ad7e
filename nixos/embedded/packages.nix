# Every attribute of the set, under its nixpkgs name.
{
  pkgs,
  lib,
  wanted,
  debian,
  system,
  registry,
}:
let
  inherit (pkgs) stdenv callPackage;

  # A package of nixpkgs' name made from Debian packages, with nixpkgs' main program where its name differs.
  fromDebian =
    attribute: more:
    let
      package = debian.unpack (
        {
          pname = attribute;
          debs = wanted.debian.${attribute} or wanted.toolchains.${attribute};
        }
        // removeAttrs more [ "mainProgram" ]
      );
    in
    package
    // {
      meta = {
        mainProgram = more.mainProgram or attribute;
        platforms = [ "x86_64-linux" ];
        available = true;
      };
      override = _: throw "pkgs.${attribute} of the embedded package set is Debian's and can not be overridden";
      overrideAttrs = package.override;
    };

  # Programs whose only speciality is what their main program is called.
  plain =
    builtins.mapAttrs
      (attribute: mainProgram: fromDebian attribute { inherit mainProgram; })
      {
        brotli = "brotli";
        bubblewrap = "bwrap";
        bzip2 = "bzip2";
        coreutils = "true";
        curl = "curl";
        diffutils = "diff";
        e2fsprogs = "e2fsck";
        envsubst = "envsubst";
        figlet = "figlet";
        findutils = "find";
        gnugrep = "grep";
        gnumake = "make";
        gnupatch = "patch";
        gnused = "sed";
        gnutar = "tar";
        haproxy = "haproxy";
        hello = "hello";
        jq = "jq";
        less = "less";
        lighttpd = "lighttpd";
        memcached = "memcached";
        openssh = "ssh";
        openssl = "openssl";
        procps = "ps";
        rsync = "rsync";
        socat = "socat";
        sqlite = "sqlite3";
        tini = "tini";
        tree = "tree";
        unzip = "unzip";
        util-linux = "mount";
        xz = "xz";
        zip = "zip";
        zstd = "zstd";
      };

  golang = import ./go {
    inherit lib pkgs fromDebian;
    inherit (debian) glibc;
  };

  rust = import ./rust {
    inherit
      lib
      pkgs
      fromDebian
      debian
      wanted
      ;
  };

  runCommands = import ./stdenv/run-command.nix { inherit lib stdenv; };
  trivial =
    runCommands
    // import ./stdenv/writers.nix {
      inherit lib stdenv;
      inherit (runCommands) runCommand;
    }
    // import ./stdenv/joins.nix {
      inherit lib stdenv;
      inherit (runCommands) runCommand;
      lndir = "cp -rsnT --no-preserve=mode";
    };

  services = import ./services.nix { inherit lib fromDebian debian wanted; inherit (pkgs) runCommand bash; };
  tools = import ./tools.nix { inherit fromDebian; inherit (pkgs) bash; };
in
plain
// trivial
// services
// tools
// {
  inherit lib system;
  inherit (debian) glibc patchelf;
  inherit (lib) recurseIntoAttrs dontRecurseIntoAttrs;
  inherit (stdenv) buildPlatform hostPlatform targetPlatform;

  bash = fromDebian "bash" {
    mainProgram = "bash";
    arrange = "rm -f $out/bin/bashbug; ln -sf bash $out/bin/sh";
  };
  bashInteractive = pkgs.bash;
  bashNonInteractive = pkgs.bash;
  runtimeShell = "${pkgs.bash}/bin/bash";
  # Debian's make mawk the default by an alternative, so the name has to be made here.
  gawk = fromDebian "gawk" { arrange = "ln -sf gawk $out/bin/awk"; };
  gitMinimal = pkgs.git;
  gzip = fromDebian "gzip" { arrange = "find $out/bin -type f ! -name gzip -exec rm {} +; ln -s gzip $out/bin/gunzip"; };
  gcc-unwrapped = debian.gccLibraries // {
    lib = debian.gccLibraries;
  };

  stdenv = import ./stdenv {
    inherit lib system;
    inherit (pkgs) bash;
    initialPath = with pkgs; [
      coreutils
      findutils
      diffutils
      gnused
      gnugrep
      gawk
      gnutar
      gzip
      bzip2
      xz
      zstd
      gnumake
      gnupatch
      bash
    ];
  };
  stdenvNoCC = pkgs.stdenv;
  makeSetupHook = import ./stdenv/make-setup-hook.nix { inherit lib; inherit (pkgs) runCommand; };
  makeWrapper = pkgs.makeSetupHook {
    name = "make-shell-wrapper-hook";
    substitutions.shell = pkgs.runtimeShell;
  } ./stdenv/make-wrapper.sh;
  makeShellWrapper = pkgs.makeWrapper;
  makeBinaryWrapper = pkgs.makeWrapper;

  callPackage = lib.callPackageWith pkgs;
  callPackages = lib.callPackagesWith pkgs;
  newScope = extra: lib.callPackageWith (pkgs // extra);
  pkgs = pkgs;

  fetchurl = callPackage ./fetchurl.nix { };
  mkShell = attributes: stdenv.mkDerivation ({ name = "nix-shell"; } // removeAttrs attributes [ "packages" ] // {
    nativeBuildInputs = (attributes.nativeBuildInputs or [ ]) ++ (attributes.packages or [ ]);
    buildCommand = "export >$out";
  });

  inherit
    (import ./node {
      inherit lib pkgs registry;
      wanted = wanted.npm;
      inherit debian;
    })
    nodejs
    nodejs-slim
    nodejs_24
    nodejs-slim_24
    yarn-berry
    yarn-berry_3
    yarn-berry_4
    deno
    importNpmLock
    buildNpmPackage
    fetchNpmDeps
    ;

  inherit
    (import ./python {
      inherit
        lib
        pkgs
        wanted
        debian
        fromDebian
        ;
    })
    python3
    python3Packages
    ;
  python311 = pkgs.python3;
  python311Packages = pkgs.python3Packages;

  inherit (golang) go buildGoModule;
  inherit (rust) cargo gcc rustc;

  # What is only here, not in nixpkgs: for SkyPanel itself, never for templates.
  embedded = {
    isEmbedded = true;
    npmRegistry = registry;
    # What `prepare.mjs --realise …` builds in advance.
    realised = rec {
      shell = [ debian.sandboxShell ];
      base =
        shell
        ++ map (name: pkgs.${name}) wanted.realise
        ++ map (name: pkgs.python3Packages.${name}) wanted.realisePython;
      rust = base ++ [
        pkgs.cargo
        pkgs.rustc
      ];
      all = rust ++ [
        pkgs.go
        golang.standardLibrary
      ];
    };
    attributes = builtins.attrNames pkgs;
  };
}
