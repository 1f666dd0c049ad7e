# A Go service from go.mod: its modules are in vendor/, or fetched by its go.sum, or there are none. Written for nixpkgs.
{
  pkgs,
  src,
  name ? null,
  version ? "0.0.0",
  # The command line that starts the service (a Procfile's `web`), with the module's programs on PATH; else the one
  # program of the module, or the one of its name.
  start ? null,
  # Of the kind `go-modules`: what its go.sum names, with the hash of all of it.
  learns ? [ ],
  # Whether it has been looked at where each module that go.mod requires comes from.
  isChecked ? false,
  # Where modules come from, as in GOPROXY.
  goProxy ? "off",
  ...
}:
let
  inherit (pkgs) lib;
  command = import ./start-command.nix { inherit lib; };
  has = file: builtins.pathExists (src + "/${file}");

  moduleText = builtins.readFile (src + "/go.mod");
  statements = map lib.trim (lib.splitString "\n" moduleText);
  moduleLine = lib.findFirst (lib.hasPrefix "module ") (throw "go.mod has no `module` line") statements;
  modulePath = lib.trim (lib.removePrefix "module " moduleLine);
  # A path's last part, without the major version that Go puts there: example.org/shop/v2 is shop.
  parts = builtins.filter (part: builtins.match "v[0-9]+" part == null) (lib.splitString "/" modulePath);
  moduleName = if parts == [ ] then "app" else lib.last parts;
  serviceName = if name != null then name else lib.strings.sanitizeDerivationName moduleName;

  requires = lib.any (line: builtins.match "require[ (].*" line != null) statements;
  fetched = map (import ./go-modules.nix { inherit pkgs goProxy; }) (
    builtins.filter (each: each.kind == "go-modules") learns
  );
  programs =
    if !isChecked && requires && !(has "vendor/modules.txt") then
      throw "go.mod requires modules, and there is no vendor folder: run `go mod vendor` and commit vendor/"
    else
      pkgs.buildGoModule {
        pname = "${serviceName}-programs";
        inherit version;
        vendorHash = null;
        src = lib.cleanSource src;
        env.CGO_ENABLED = "0";
        ldflags = [
          "-s"
          "-w"
        ];
        doCheck = false;
        # Modules stay where they are; but Go writes beside the cache's own files, and looks into no link to a module.
        preBuild = lib.concatMapStrings (cache: ''
          export GOMODCACHE=$TMPDIR/module-cache GOPROXY=off GOFLAGS="-mod=readonly -trimpath"
          mkdir $GOMODCACHE
          for entry in ${cache}/*; do
            case ''${entry##*/} in
              cache | *@*) cp -r --no-preserve=mode "$entry" $GOMODCACHE/ ;;
              *) ln -s "$entry" $GOMODCACHE/ ;;
            esac
          done
        '') fetched;
        # The files that are part of the programs (go:embed): nobody looks for them in a folder.
        postInstall = ''
          mkdir -p $out/nix-support
          go list -f '{{$folder := .Dir}}{{range .EmbedFiles}}{{$folder}}/{{.}}{{"\n"}}{{end}}' ./... \
            | sed -n "s|^$PWD/||p" | sort -u >$out/nix-support/embedded-files
        '';
        meta.mainProgram = moduleName;
      };
in
# The program's files beside it (templates, assets) belong to the service too: it is started in its source's folder.
pkgs.stdenvNoCC.mkDerivation {
  pname = serviceName;
  inherit version;
  src = lib.cleanSourceWith {
    src = lib.cleanSource src;
    filter = path: _: !(lib.hasSuffix ".go" path) && baseNameOf path != "vendor";
    name = "source";
  };
  dontConfigure = true;
  dontBuild = true;
  dontFixup = true;
  installPhase = ''
    runHook preInstall
    app=$out/lib/${serviceName}
    mkdir -p $app $out/bin
    cp -r . $app/
    rm -f $app/go.mod $app/go.sum $app/Procfile
    ${
      if start == null then
        ''
          program=${programs}/bin/${moduleName}
          if [ ! -x $program ]; then
            set -- ${programs}/bin/*
            if [ $# != 1 ]; then
              echo "error: the module has the programs $(cd ${programs}/bin; echo *), and none is called ${moduleName}: say which in a Procfile" >&2
              exit 1
            fi
            program=$1
          fi
          # The program itself, without a shell, when there is no file that it could want to find in its folder.
          if ! (cd $app; find . -type f | sed 's|^./||') | grep -qvxFf ${programs}/nix-support/embedded-files; then
            rm -r $out/lib
            ln -s $program $out/bin/${serviceName}
          else
            printf '%s\n' '#!${pkgs.runtimeShell}' "cd $app" "exec $program \"\$@\"" >$out/bin/${serviceName}
            chmod +x $out/bin/${serviceName}
          fi
        ''
      else
        command.install {
          inherit (pkgs) runtimeShell;
          program = serviceName;
          text = start;
          folder = "$app";
          path = [ "${programs}/bin" ];
        }
    }
    runHook postInstall
  '';
  meta.mainProgram = serviceName;
}
