# A service of compiled programs, started among the files that are beside their source (templates, assets, migrations): those
# belong to it, too. Written for nixpkgs.
{
  pkgs,
  name,
  version,
  # The source without what is compiled.
  src,
  # Shell text, run in the source: takes out of it what says how it is built.
  strip,
  # The folder in it that the service is started in.
  folder ? "",
  # The derivation with the programs, and in nix-support the list of files that are part of them.
  programs,
  # The command line that starts it, with the programs on PATH; null starts `program`, else the only one.
  start,
  program,
  # What to do when there are several programs, and none is called so.
  next,
  # Shell text, run when $app is what it is started among.
  arrange ? "",
}:
let
  inherit (pkgs) lib;
  command = import ./start-command.nix { inherit lib; };
in
pkgs.stdenvNoCC.mkDerivation {
  pname = name;
  inherit version src;
  dontConfigure = true;
  dontBuild = true;
  dontFixup = true;
  installPhase = ''
    runHook preInstall
    ${strip}
    app=$out/lib/${name}
    mkdir -p $app/${folder} $out/bin
    cp -r . $app/
    ${arrange}
    ${
      if start == null then
        ''
          program=${programs}/bin/${lib.escapeShellArg program}
          if [ ! -f "$program" ]; then
            set -- ${programs}/bin/*
            if [ $# != 1 ]; then
              echo "error: it has the programs $(cd ${programs}/bin; echo *), and none is called" ${lib.escapeShellArg "${program}: ${next}"} >&2
              exit 1
            fi
            program=$1
          fi
          # The program itself, without a shell, when there is no file that it could want to find in its folder.
          if ! (cd $app; find . -type f | sed 's|^./||') | grep -qvxFf ${programs}/nix-support/embedded-files; then
            rm -r $out/lib
            ln -s "$program" $out/bin/${name}
          else
            printf '%s\n' '#!${pkgs.runtimeShell}' "cd $app/${folder}" "exec \"$program\" \"\$@\"" >$out/bin/${name}
            chmod +x $out/bin/${name}
          fi
        ''
      else
        command.install {
          inherit (pkgs) runtimeShell;
          program = name;
          text = start;
          folder = "$app/${folder}";
          path = [ "${programs}/bin" ];
        }
    }
    runHook postInstall
  '';
  meta.mainProgram = name;
}
