# A Go service from go.mod: its modules are in vendor/, or fetched by its go.sum, or there are none. Written for nixpkgs.
{
  pkgs,
  src,
  name ? null,
  version ? "0.0.0",
  # The command line that starts the service (a Procfile's `web`), with the module's programs on PATH; else the one of the
  # module's name, or the only one.
  start ? null,
  # Instead of `go install`: programs are what that puts where `go install` would, or into the folder.
  buildCommand ? null,
  # Of the kind `go-modules`: what its go.sum names, with the hash of all of it.
  learns ? [ ],
  # Whether it has been looked at where each module that go.mod requires comes from.
  isChecked ? false,
  # Where modules come from, as in GOPROXY.
  goProxy ? "off",
  # Whether `src` has a go.work; the folder in it of the module that is built, and the one that the service starts in.
  isWorkspace ? false,
  member ? "",
  runFolder ? "",
  ...
}:
let
  inherit (pkgs) lib;
  module = if member == "" then src else src + "/${member}";
  has = file: builtins.pathExists (module + "/${file}");

  moduleText = builtins.readFile (module + "/go.mod");
  statements = map lib.trim (lib.splitString "\n" moduleText);
  # A comment may follow, and quotes may be around it.
  isNamed = builtins.match "module[[:space:]]+[\"`]?([^[:space:]\"`]+).*";
  modulePath = builtins.head (
    lib.findFirst (found: found != null) (throw "go.mod has no `module` line") (map isNamed statements)
  );
  # A path's last part, without the major version that Go puts there: example.org/shop/v2 is shop.
  parts = builtins.filter (part: builtins.match "v[0-9]+" part == null) (lib.splitString "/" modulePath);
  moduleName = if parts == [ ] then "app" else lib.last parts;
  serviceName = if name != null then name else lib.strings.sanitizeDerivationName moduleName;

  requires = lib.any (line: builtins.match "require[ (].*" line != null) statements;
  fetched = map (import ./go-modules.nix { inherit pkgs goProxy; }) (
    builtins.filter (each: each.kind == "go-modules") learns
  );
  # In a workspace Go takes no other way than these.
  mode = if isWorkspace && builtins.pathExists (src + "/vendor") then "vendor" else "readonly";

  # What the command writes belongs to the service, the programs among it to the others: a link is where each was.
  byCommand = ''
    runHook preBuild
    mkdir -p $GOPATH/bin $TMPDIR/made
    find . -exec touch -h -d @1 {} +
    (
      export HOME=$TMPDIR
      ${toString buildCommand}
    )
    find . -type f -newermt @1 ! -name '*.go' -printf '%P\n' >$TMPDIR/written
    while IFS= read -r path; do
      mkdir -p "$(dirname "$TMPDIR/made/$path")"
      if [ -x "$path" ]; then
        mv "$path" $GOPATH/bin/
        ln -s "$out/bin/''${path##*/}" "$TMPDIR/made/$path"
      else
        cp "$path" "$TMPDIR/made/$path"
      fi
    done <$TMPDIR/written
    if [ -z "$(ls $GOPATH/bin)" ]; then
      echo "error: the command of [build] made no program" >&2
      exit 1
    fi
    runHook postBuild
  '';

  programs =
    if !isChecked && requires && !(has "vendor/modules.txt") then
      throw "go.mod requires modules, and there is no vendor folder: run `go mod vendor` and commit vendor/"
    else
      pkgs.buildGoModule (
        {
          pname = "${serviceName}-programs";
          inherit version;
          vendorHash = null;
          src = lib.cleanSource src;
          modRoot = "./${member}";
          env = {
            CGO_ENABLED = "0";
          } // lib.optionalAttrs (!isWorkspace) { GOWORK = "off"; };
          ldflags = [
            "-s"
            "-w"
          ];
          doCheck = false;
          # Modules stay where they are; but Go writes beside the cache's own files, and looks into no link to a module.
          preBuild =
            lib.optionalString (isWorkspace || fetched != [ ]) ''
              export GOPROXY=off GOFLAGS="-mod=${mode} -trimpath"
            ''
            + lib.concatMapStrings (cache: ''
              export GOMODCACHE=$TMPDIR/module-cache
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
              | sed -n "s|^''${PWD%/${member}}/||p" | sort -u >$out/nix-support/embedded-files
            [ ! -d $TMPDIR/made ] || cp -r $TMPDIR/made $out/made
          '';
          meta.mainProgram = moduleName;
        }
        // lib.optionalAttrs (buildCommand != null) { buildPhase = byCommand; }
      );
in
import ./compiled-service.nix {
  inherit
    pkgs
    version
    programs
    start
    ;
  name = serviceName;
  program = moduleName;
  next = "say which in a Procfile";
  src = lib.cleanSourceWith {
    src = lib.cleanSource src;
    filter = path: _: !(lib.hasSuffix ".go" path) && baseNameOf path != "vendor";
    name = "source";
  };
  strip = "rm -f go.work go.work.sum ./${member}/go.mod ./${member}/go.sum ./${member}/Procfile";
  folder = runFolder;
  arrange = lib.optionalString (buildCommand != null) "cp -rf --no-preserve=mode ${programs}/made/. $app/${member}/";
}
