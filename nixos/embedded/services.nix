# Servers and data that need more than unpacking.
{
  lib,
  fromDebian,
  debian,
  wanted,
  runCommand,
  bash,
}:
let
  rename = name: path: path // { inherit name; };
in
{
  busybox = fromDebian "busybox" {
    mainProgram = "busybox";
    arrange = ''
      for applet in $($out/bin/busybox --list); do
        [ "$applet" = busybox ] || ln -s busybox $out/bin/$applet
      done
    '';
  };

  # nixpkgs keeps nginx's own configuration in conf.
  nginx = fromDebian "nginx" {
    mainProgram = "nginx";
    arrange = ''
      mkdir $out/conf
      for file in mime.types fastcgi_params scgi_params uwsgi_params koi-utf koi-win win-utf; do
        [ ! -f $out/etc/nginx/$file ] || mv $out/etc/nginx/$file $out/conf/
      done
      rm -rf $out/etc $out/share $out/lib
    '';
  };

  # It finds what it needs beside its programs, where Debian has them. Without its compiler of queries, which links to
  # the whole of LLVM.
  postgresql_15 = fromDebian "postgresql_15" {
    mainProgram = "postgres";
    arrange = ''
      rm -rf $out/lib/postgresql/15/lib/bitcode $out/lib/postgresql/15/lib/llvmjit* $out/share/postgresql/15/man $out/etc
      mkdir -p $out/bin
      for program in $out/lib/postgresql/15/bin/*; do
        ln -s ../lib/postgresql/15/bin/$(basename $program) $out/bin/
      done
    '';
  };

  redis = fromDebian "redis" {
    mainProgram = "redis-server";
    arrange = "rm -rf $out/etc $out/share";
  };

  cacert = rename "cacert" (fromDebian "cacert" {
    arrange = ''
      mkdir -p $out/etc/ssl/certs
      cat $out/share/ca-certificates/mozilla/*.crt >$out/etc/ssl/certs/ca-bundle.crt
      rm -rf $out/share $out/bin $out/etc/ca-certificates $out/lib
    '';
  });

  mailcap = fromDebian "mime-types" { };
  tzdata = fromDebian "tzdata" { };
  # The one that everything here links to.
  zlib = debian.packages.zlib1g;
}
