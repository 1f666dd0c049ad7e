# Rust from Debian, which keeps a recent one for its browsers, and the C compiler that links what it compiles.
{
  lib,
  pkgs,
  fromDebian,
  debian,
  wanted,
}:
let
  inherit (debian) glibc;
  # Debian names the compiler's own library after its version.
  standardLibrary = builtins.filter (lib.hasPrefix "libstd-rust-web-") debian.names."libstd-rust-web-dev".depends;
in
{
  gcc = fromDebian "gcc" {
    mainProgram = "gcc";
    version = lib.strings.versionOf debian.names."gcc-12".version;
    inherit glibc;
    shell = pkgs.runtimeShell;
    keepHeaders = true;
    # Link-time optimisation, sanitizers, profiling, static C libraries, and what is for Windows.
    drop = lib.concatStringsSep " " [
      "usr/bin/*gcov*"
      "usr/bin/*lto-dump*"
      "usr/bin/*gp*"
      "usr/bin/*dwp"
      "usr/bin/*ld.gold"
      "usr/lib/gcc/x86_64-linux-gnu/12/lto1"
      "usr/lib/gcc/x86_64-linux-gnu/12/plugin"
      "usr/lib/gcc/x86_64-linux-gnu/12/lib?san*"
      "usr/lib/gcc/x86_64-linux-gnu/12/libubsan*"
      "usr/lib/x86_64-linux-gnu/libc.a"
      "usr/lib/x86_64-linux-gnu/lib*-2.36.a"
      "usr/lib/x86_64-linux-gnu/libmvec.a"
      "usr/lib/x86_64-linux-gnu/audit"
      "usr/lib/x86_64-linux-gnu/ldscripts/i386*"
    ];
    arrange = ''
      for name in as ar ld.bfd nm objcopy objdump ranlib strip; do ln -s x86_64-linux-gnu-$name $out/bin/$name; done
      ln -s ld.bfd $out/bin/ld
      sed -i "s|/usr/lib/x86_64-linux-gnu/|$out/lib/|g; s|/lib/x86_64-linux-gnu/|$glibc/lib/|g; s|/lib64/|$glibc/lib/|g" \
        $out/lib/libc.so $out/lib/libm.so
      rm -rf $out/share
    '';
    # Programs find the C library where it is here, as those of nixpkgs do.
    finish = ''
      { echo "#!$shell"
        echo "exec $out/bin/x86_64-linux-gnu-gcc-12 -B$out/bin/ -B$out/lib/ -idirafter $out/include/x86_64-linux-gnu" \
          "-idirafter $out/include -L$out/lib -L$glibc/lib -Wl,-rpath,$glibc/lib" \
          "-Wl,--dynamic-linker=$glibc/lib/ld-linux-x86-64.so.2 \"\$@\""
      } >$out/bin/gcc
      chmod +x $out/bin/gcc
      ln -s gcc $out/bin/cc
    '';
  };

  # Whoever has rustc can link, as in nixpkgs, whose standard environment has a C compiler.
  rustc = fromDebian "rustc" {
    mainProgram = "rustc";
    debs = wanted.toolchains.rustc ++ standardLibrary;
    inherit (pkgs) gcc;
    drop = "usr/bin/rustdoc usr/libexec usr/share usr/lib/rustlib/etc";
    finish = ''
      mkdir -p $out/nix-support
      echo $gcc >$out/nix-support/propagated-build-inputs
    '';
  };

  cargo = fromDebian "cargo" {
    mainProgram = "cargo";
    drop = "usr/share";
  };
}
