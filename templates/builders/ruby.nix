# A Ruby application with the gems of its Gemfile.lock. Written for nixpkgs.
# The gems together are a store path of their own, beside the source.
{
  pkgs,
  src,
  name ? "app",
  version ? "0.0.0",
  # The command line that starts the service.
  start,
  # The command line that builds, such as assets; null when nothing is built.
  buildCommand ? null,
  # What the recogniser read from the lock file: { name; version; file; url; hash; }, in their own order.
  gems ? [ ],
  # Rails writes beside its code, and wants to be told that it runs in production.
  isRails ? false,
  ...
}:
let
  inherit (pkgs) lib ruby;
  command = import ./start-command.nix { inherit lib; };

  fileOf =
    gem:
    let
      cached = src + "/vendor/cache/${gem.file}";
      # A fixed output like one that is fetched: Nix compares the hash.
      checked = pkgs.runCommand gem.file {
        outputHash = gem.hash;
        outputHashAlgo = "sha256";
        outputHashMode = "flat";
      } "cp ${cached} $out";
    in
    if builtins.pathExists cached then
      if gem.hash == null then cached else checked
    else if gem.hash != null then
      pkgs.fetchurl {
        inherit (gem) url hash;
        name = gem.file;
      }
    else
      throw "vendor/cache has no ${gem.file}, and the Gemfile.lock no checksum of it: run `bundle lock --add-checksums`, or `bundle cache --all-platforms`";

  # What compiled parts of the usual gems link to, as far as the package set has it.
  libraries = map (each: pkgs.${each}) (
    builtins.filter (each: pkgs ? ${each}) [
      "libffi"
      "libpq"
      "libxml2"
      "libxslt"
      "libyaml"
      "openssl"
      "sqlite"
      "zlib"
    ]
  );

  installed = pkgs.stdenv.mkDerivation {
    name = "${name}-gems";
    nativeBuildInputs = [ ruby ];
    buildInputs = lib.optionals (gems != [ ]) libraries;
    files = map (gem: "${fileOf gem}") gems;
    dontUnpack = true;
    dontConfigure = true;
    dontFixup = true;
    buildPhase = ''
      runHook preBuild
      mkdir -p $out named
      export HOME=$TMPDIR GEM_HOME=$out
      ${lib.concatMapStrings (gem: ''
        ln -s ${fileOf gem} named/${gem.file}
        gem install --local --force --ignore-dependencies --no-document --install-dir $out --bindir $out/bin named/${gem.file}
      '') gems}
      rm -rf $out/cache $out/doc $out/build_info
      find $out/extensions \( -name '*.log' -o -name '*.out' \) -delete 2>/dev/null || true
      runHook postBuild
    '';
    installPhase = "true";
  };

  environment = {
    GEM_HOME = "${installed}";
    BUNDLE_GEMFILE = "@folder@/Gemfile";
    # Settings of the repository (.bundle/config) are for where its gems are in development.
    BUNDLE_APP_CONFIG = "/tmp/.bundle";
    BUNDLE_USER_HOME = "/tmp/.bundle";
    BUNDLE_FROZEN = "true";
    BUNDLE_WITHOUT = "development:test";
    RACK_ENV = "production";
  }
  // lib.optionalAttrs isRails {
    RAILS_ENV = "production";
    RAILS_LOG_TO_STDOUT = "1";
    RAILS_SERVE_STATIC_FILES = "1";
    BOOTSNAP_CACHE_DIR = "/tmp/bootsnap";
    PIDFILE = "/tmp/server.pid";
  };
in
pkgs.stdenvNoCC.mkDerivation {
  pname = name;
  inherit version;
  src = lib.cleanSourceWith {
    src = lib.cleanSource src;
    filter =
      path: _: !(lib.hasSuffix "/vendor/cache" path || lib.hasSuffix "/vendor/bundle" path) && baseNameOf path != "node_modules";
    name = "source";
  };
  nativeBuildInputs = [ ruby ];
  dontConfigure = true;
  dontFixup = true;
  # Gems of the lock file that Bundler does not find would only be missed when the service starts.
  buildPhase = ''
    runHook preBuild
    ${lib.concatStrings (
      lib.mapAttrsToList (key: value: "export ${key}=\"${value}\"\n") (
        environment // { BUNDLE_GEMFILE = "$PWD/Gemfile"; HOME = "$TMPDIR"; }
      )
    )}export PATH=${installed}/bin:$PATH
    bundle check
    ${lib.optionalString (buildCommand != null) ''
      (
        ${buildCommand}
      )
    ''}
    runHook postBuild
  '';
  installPhase = ''
    runHook preInstall
    app=$out/lib/${name}
    mkdir -p $app
    cp -r . $app/
    ${lib.optionalString isRails ''
      rm -rf $app/tmp $app/log
      ln -s /tmp $app/tmp
      ln -s /tmp $app/log
    ''}
    ${command.install {
      inherit (pkgs) runtimeShell;
      program = name;
      text = start;
      folder = "$app";
      path = [
        "${installed}/bin"
        "${ruby}/bin"
      ];
      environment = environment // {
        HOME = "/tmp";
      };
    }}
    runHook postInstall
  '';
  meta.mainProgram = name;
}
