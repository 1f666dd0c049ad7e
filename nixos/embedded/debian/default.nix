# Debian's packages as store paths: `debian.packages.<name>` for each one of the lock, `debian.unpack` to join several.
# Stages: busybox (static) → C library → patchelf → everything else.
{
  lib,
  lock,
  system,
}:
let
  bootstrap = builtins.path {
    path = ../bootstrap;
    name = "bootstrap-busybox";
  };

  tools = derivation {
    name = "bootstrap-tools";
    inherit system;
    builder = "${bootstrap}/bin/busybox";
    args = [
      "sh"
      "-euc"
      ''
        ${bootstrap}/bin/busybox mkdir -p $out/bin
        ${bootstrap}/bin/busybox cp ${bootstrap}/bin/busybox $out/bin/busybox
        for applet in $($out/bin/busybox --list); do
          [ "$applet" = busybox ] || $out/bin/busybox ln -s busybox $out/bin/$applet
        done
      ''
    ];
  };

  # The very file that was put in the store by its hash; the URL is used only if it was collected since.
  file =
    name:
    let
      entry = lock.debian.${name};
    in
    import <nix/fetchurl.nix> {
      inherit (entry) url sha256;
      inherit system;
      name = entry.file;
    };

  build =
    attributes:
    derivation (
      {
        inherit system;
        PATH = "${tools}/bin";
        builder = "${tools}/bin/sh";
        args = [ ./unpack.sh ];
        preferLocalBuild = true;
      }
      // attributes
    );

  # libgcc_s is loaded by the C library itself when a thread ends, so it lives beside it, as in nixpkgs.
  glibc = build {
    name = "glibc-${lib.strings.versionOf lock.debian.libc6.version}";
    debs = map file [
      "libc6"
      "libgcc-s1"
    ];
    drop = "lib64 usr/lib/x86_64-linux-gnu/gconv usr/lib/x86_64-linux-gnu/audit";
    keepAsIs = true;
  };

  gccLibraries = build {
    name = "gcc-lib-${lib.strings.versionOf lock.debian."libstdc++6".version}";
    debs = [ (file "libstdc++6") ];
    keepAsIs = true;
  };

  patchelf = build {
    name = "bootstrap-patchelf";
    debs = [ (file "patchelf") ];
    keepAsIs = true;
    finish = ''
      mv $out/bin/patchelf $out/patchelf
      printf '%s\n' "#!${tools}/bin/sh" \
        "exec ${glibc}/lib/ld-linux-x86-64.so.2 --library-path ${glibc}/lib:${gccLibraries}/lib $out/patchelf \"\$@\"" \
        >$out/bin/patchelf
      chmod +x $out/bin/patchelf
    '';
  };

  # What takes the place of a package by itself when others link to it.
  replaced = {
    libc6 = [ glibc ];
    libgcc-s1 = [ glibc ];
  };

  # Some packages link to it and do not say so. Only what is really linked ends in a closure.
  assumed = debs: lib.optional (debs != [ "libstdc++6" ]) packages."libstdc++6";

  isLibrary = name: builtins.match "(lib.*|zlib1g)" name != null && builtins.match "lib(python|js-).*" name == null;

  librariesOf = names: lib.unique (lib.concatMap (name: replaced.${name} or [ packages.${name} ]) names);

  # One store path from the Debian packages `debs`, linked to the libraries that they depend on.
  unpack =
    {
      pname,
      debs ? [ pname ],
      version ? lib.strings.versionOf lock.debian.${builtins.head debs}.version,
      libraries ? [ ],
      ...
    }@attributes:
    let
      depends = lib.concatMap (name: lock.debian.${name}.depends) debs;
      outside = builtins.filter (name: isLibrary name && !(builtins.elem name debs)) depends;
      path = build (
        {
          name = "${pname}-${version}";
          inherit pname version;
          debs = map file debs;
          libraries = lib.unique ([ glibc ] ++ librariesOf outside ++ libraries ++ assumed debs);
          interpreter = "${glibc}/lib/ld-linux-x86-64.so.2";
          patchelf = "${patchelf}/bin/patchelf";
        }
        // removeAttrs attributes [
          "pname"
          "debs"
          "version"
          "libraries"
        ]
      );
    in
    path // { inherit pname version; };

  # Libraries by their Debian name; a name is evaluated only when something links to it.
  packages = builtins.mapAttrs (name: _: unpack { pname = name; }) lock.debian;
  # A static shell for the sandbox's /bin/sh (Nix's `sandbox-paths`): programs that call a shell expect it there.
  sandboxShell = derivation {
    name = "sandbox-shell";
    inherit system;
    builder = "${tools}/bin/sh";
    args = [
      "-euc"
      "${tools}/bin/mkdir -p $out/bin; ${tools}/bin/cp ${tools}/bin/busybox $out/bin/sh"
    ];
  };
in
{
  inherit
    sandboxShell
    tools
    glibc
    patchelf
    file
    unpack
    packages
    ;
  names = lock.debian;
  gccLibraries = packages."libstdc++6";
  has = names: builtins.all (name: lock.debian ? ${name}) names;
}
