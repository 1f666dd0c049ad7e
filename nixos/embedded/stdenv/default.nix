# stdenv: nixpkgs' mkDerivation over Debian's shell and core tools. There is no C compiler.
{
  lib,
  system,
  bash,
  initialPath,
}:
let
  setup = derivation {
    name = "stdenv-embedded";
    inherit system;
    builder = "${bash}/bin/bash";
    args = [
      "-euc"
      ''
        text=$(<${./setup.sh})$'\n\n'$(<${./text.sh})$'\n\n'$(<${./phases.sh})
        text=''${text//@initialPath@/$initialPath}
        text=''${text//@shell@/$shell}
        $coreutils/bin/mkdir -p $out
        printf '%s\n' "$text" >$out/setup
      ''
    ];
    shell = "${bash}/bin/bash";
    initialPath = map toString initialPath;
    coreutils = builtins.head initialPath;
  };

  # What mkDerivation itself reads; the rest becomes the builder's environment.
  ownAttributes = [
    "meta"
    "passthru"
    "env"
    "pos"
    "strictDeps"
    "hardeningDisable"
    "hardeningEnable"
    "nativeInstallCheckInputs"
  ];
  inputAttributes = [
    "nativeBuildInputs"
    "buildInputs"
    "propagatedBuildInputs"
    "propagatedNativeBuildInputs"
    "nativeCheckInputs"
    "checkInputs"
  ];

  nameOf =
    attributes:
    attributes.name
      or (if attributes ? pname then "${attributes.pname}${
        lib.optionalString (attributes ? version) "-${attributes.version}"
      }" else throw "mkDerivation needs a `name`, or a `pname` and a `version`");

  inputsOf =
    attributes: name:
    map lib.getDev (builtins.filter (each: each != null && each != false) (lib.flatten (attributes.${name} or [ ])));

  environmentOf =
    attributes:
    let
      inputs = builtins.listToAttrs (
        map (name: lib.nameValuePair name (inputsOf attributes name)) (
          builtins.filter (name: attributes ? ${name}) inputAttributes
        )
      );
    in
    (
      if attributes.__structuredAttrs or false then
        throw "the embedded package set has no __structuredAttrs; leave it out"
      else
        removeAttrs attributes ownAttributes
    )
    // inputs
    // (attributes.env or { });

  makeFixed =
    finalFunction:
    let
      final = finalFunction (final // { finalPackage = package; });
      attributes = final;
      package = extend (
        derivation (
          {
            inherit system;
            stdenv = self;
            builder = "${bash}/bin/bash";
            args = [
              "-e"
              (attributes.builder or ./builder.sh)
            ];
          }
          // removeAttrs (environmentOf attributes) [ "builder" ]
          // {
            name = lib.strings.sanitizeDerivationName (nameOf attributes);
          }
        )
      );
      overrideAttrs =
        change:
        makeFixed (
          finalAttributes:
          let
            previous = finalFunction finalAttributes;
          in
          previous // applyChange change finalAttributes previous
        );
      extend =
        path:
        path
        // (attributes.passthru or { })
        // {
          inherit overrideAttrs;
          meta = {
            name = nameOf attributes;
            available = true;
            outputsToInstall = [ "out" ];
          } // (attributes.meta or { });
          passthru = attributes.passthru or { };
          name = nameOf attributes;
        }
        // lib.optionalAttrs (attributes ? pname) { inherit (attributes) pname; }
        // lib.optionalAttrs (attributes ? version) { inherit (attributes) version; }
        // lib.optionalAttrs (attributes ? src) { inherit (attributes) src; };
    in
    package;

  applyChange =
    change: final: previous:
    if builtins.isFunction change then
      let
        once = change final;
      in
      if builtins.isFunction once then once previous else change previous
    else
      change;

  mkDerivation =
    attributes: makeFixed (if builtins.isFunction attributes then attributes else _: attributes);

  self = setup // {
    inherit mkDerivation initialPath;
    shell = "${bash}/bin/bash";
    system = system;
    buildPlatform = platform;
    hostPlatform = platform;
    targetPlatform = platform;
    isLinux = true;
    isDarwin = false;
    hasCC = false;
    cc = throw "the embedded package set has no C compiler: use nixpkgs for what must be compiled with one";
    meta.description = "Standard environment from Debian's core tools";
  };

  platform = {
    inherit system;
    config = "x86_64-unknown-linux-gnu";
    isLinux = true;
    isDarwin = false;
    isx86_64 = true;
    isAarch64 = false;
    is64bit = true;
    isMusl = false;
    isGnu = true;
    isStatic = false;
    parsed = {
      cpu.name = "x86_64";
      kernel.name = "linux";
    };
    extensions = {
      sharedLibrary = ".so";
      executable = "";
    };
    node = {
      arch = "x64";
      platform = "linux";
    };
    go = {
      GOOS = "linux";
      GOARCH = "amd64";
    };
    canExecute = other: other.system or null == system;
  };
in
self
