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

  # Debian's PHP looks for its extensions and settings in /usr and /etc: a file names them here.
  php = fromDebian "php" {
    mainProgram = "php";
    shell = "${bash}/bin/bash";
    zones = "${fromDebian "tzdata" { }}/share/zoneinfo";
    ln = "${fromDebian "coreutils" { }}/bin/ln";
    arrange = ''
      mkdir -p $out/libexec $out/php.d
      mv $out/bin/php8.2 $out/libexec/php
      mv $out/bin/php-fpm8.2 $out/libexec/php-fpm
      extensions=$(echo $out/lib/php/2*)
      {
        echo "extension_dir = $extensions"
        echo "zend_extension = opcache"
        for name in mysqlnd pdo xml; do echo "extension = $name"; done
        for file in $extensions/*.so; do
          name=$(basename $file .so)
          case $name in opcache | mysqlnd | pdo | xml) ;; *) echo "extension = $name" ;; esac
        done
      } >$out/php.d/all.ini
      rm -rf $out/bin $out/share $out/etc $out/lib/php8.2 $out/lib/tmpfiles.d
      # Debian's PHP has no time zones of its own; a name of the same length can be written over the one in it.
      here=/tmp/.php-zone-info
      sed -i "s|/usr/share/zoneinfo|$here|g" $out/libexec/*
      mkdir $out/bin
      for name in php php-fpm; do
        printf '%s\n' "#!$shell" "[ -e $here ] || $ln -s $zones $here 2>/dev/null" "PHP_INI_SCAN_DIR=$out/php.d exec $out/libexec/$name -c $out/php.d \"\$@\"" >$out/bin/$name
        chmod +x $out/bin/$name
      done
    '';
  };

  # Debian's Ruby looks for its library in /usr: a variable and its own settings name it here.
  ruby = fromDebian "ruby" {
    mainProgram = "ruby";
    shell = "${bash}/bin/bash";
    arrange = ''
      mkdir $out/libexec
      mv $out/bin/ruby3.1 $out/libexec/ruby
      rm -rf $out/share $out/etc $out/lib/ruby/3.1.0/rdoc $out/lib/ruby/gems/3.1.0/gems/*/{test,doc,sig}
      sed -i "s|^\\( *TOPDIR *= *\\).*|\\1\"$out\"|; s|/usr|$out|g" $out/lib/ruby/3.1.0/rbconfig.rb
      sed -i "s|\"/lib/x86_64-linux-gnu\"|\"/lib\"|g; s|/lib/x86_64-linux-gnu/ruby|/lib/ruby|g" $out/lib/ruby/3.1.0/rbconfig.rb
      printf '%s\n' "#!$shell" "RUBYLIB=$out/lib/ruby/3.1.0\''${RUBYLIB:+:\$RUBYLIB} exec $out/libexec/ruby \"\$@\"" >$out/bin/ruby
      chmod +x $out/bin/ruby
      mkdir $out/scripts
      for name in gem bundle bundler rake; do mv $out/bin/''${name}3.1 $out/scripts/$name; done
      rm -f $out/bin/*3.1
    '';
    finish = ''
      for name in gem bundle bundler rake; do
        { echo "#!$out/bin/ruby"; tail -n +2 $out/scripts/$name; } >$out/bin/$name
        chmod +x $out/bin/$name
      done
      rm -r $out/scripts
      # What Ruby calls itself in the programs of gems.
      ln -s ruby $out/bin/ruby3.1
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
