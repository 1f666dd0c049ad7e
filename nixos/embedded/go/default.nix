# Go from Debian, and nixpkgs' buildGoModule. There is no C compiler, so cgo is off.
{
  lib,
  pkgs,
  fromDebian,
  glibc,
}:
let
  go = fromDebian "go" {
    mainProgram = "go";
    # A Go program that is linked to the C library does not survive a new search path in it; the wrapper names it.
    keepSearchPath = true;
    finish = ''
      rm $out/bin/go
      printf '%s\n' '#!${pkgs.runtimeShell}' 'LD_LIBRARY_PATH=${glibc}/lib exec '$out'/share/go/bin/go "$@"' >$out/bin/go
      chmod +x $out/bin/go
    '';
    arrange = ''
      root=$out/share/go
      mv $out/share/go-1.19 $root
      find $out/lib/go-1.19 -type l -exec rm {} +
      cp -a $out/lib/go-1.19/. $root/
      rm -rf $out/lib $root/test $root/api $root/doc $root/misc $root/favicon.ico $root/robots.txt
      find $root/src -depth -type d -name testdata -exec rm -rf {} +
      find $root/src -name '*_test.go' -exec rm {} +
      mkdir -p $out/bin
      for program in go gofmt; do ln -s ../share/go/bin/$program $out/bin/$program; done
    '';
  };

  settings = ''
    export GOCACHE=$TMPDIR/go-cache GOPATH=$TMPDIR/go GOFLAGS="-mod=vendor -trimpath" GOPROXY=off GOSUMDB=off
    export GO111MODULE=on GOTOOLCHAIN=local CGO_ENABLED=0 HOME=$TMPDIR
  '';

  # What services use of the standard library, compiled once as buildGoModule wants it: otherwise every build would do
  # it again (-trimpath changes all of it). The rest is compiled by the build that uses it.
  standardLibrary =
    pkgs.runCommand "go-${go.version}-standard-library-cache" { nativeBuildInputs = [ go ]; }
      ''
        ${settings}
        export GOFLAGS=-trimpath GOCACHE=$out
        mkdir $out
        go build net/http/... html/template database/sql encoding/... embed log os/exec os/signal
        rm -f $out/trim.txt $out/README
      '';

  buildGoModule = lib.makeOverridable (
    {
      name ? "${attributes.pname}-${attributes.version}",
      # null: the modules are in vendor/, or there are none.
      vendorHash ? throw "buildGoModule: vendorHash is missing (null for a project with a vendor folder or without modules)",
      subPackages ? [ ],
      modRoot ? "./",
      ldflags ? [ ],
      tags ? [ ],
      excludedPackages ? [ ],
      nativeBuildInputs ? [ ],
      meta ? { },
      ...
    }@attributes:
    pkgs.stdenv.mkDerivation (
      removeAttrs attributes [
        "vendorHash"
        "tags"
        "ldflags"
        "subPackages"
        "excludedPackages"
      ]
      // {
        inherit name meta;
        nativeBuildInputs = nativeBuildInputs ++ [ go ];
        configurePhase = attributes.configurePhase or ''
          runHook preConfigure
          cd ${modRoot}
          ${settings}
          cp -r --no-preserve=mode,ownership ${standardLibrary} $GOCACHE
          [ -d vendor ] || export GOFLAGS="-mod=mod -trimpath"
          ${lib.optionalString (vendorHash != null) ''
            if [ ! -d vendor ] && grep -q '^[[:space:]]*require' go.mod; then
              echo "error: the embedded package set can not download Go modules: run 'go mod vendor' and commit vendor/" >&2
              exit 1
            fi
          ''}
          runHook postConfigure
        '';
        buildPhase = attributes.buildPhase or ''
          runHook preBuild
          mkdir -p $TMPDIR/go/bin
          packages=(${
            if subPackages == [ ] then "./..." else lib.concatMapStringsSep " " (each: "./${lib.removePrefix "./" each}") subPackages
          })
          ${lib.optionalString (subPackages == [ ]) ''
            mapfile -t packages < <(go list -f '{{if eq .Name "main"}}{{.ImportPath}}{{end}}' ./... | grep . ${
              lib.concatMapStrings (each: "| grep -v ${lib.escapeShellArg each} ") excludedPackages
            })
            if [ "''${#packages[@]}" = 0 ]; then echo "error: no package main in this module" >&2; exit 1; fi
          ''}
          GOBIN=$TMPDIR/go/bin go install -buildvcs=false ${
            lib.optionalString (tags != [ ]) "-tags=${lib.concatStringsSep "," tags}"
          } -ldflags=${lib.escapeShellArg (toString ([ "-buildid=" ] ++ ldflags))} "''${packages[@]}"
          runHook postBuild
        '';
        checkPhase = attributes.checkPhase or ''
          runHook preCheck
          go vet ./...
          runHook postCheck
        '';
        installPhase = attributes.installPhase or ''
          runHook preInstall
          mkdir -p $out/bin
          cp $TMPDIR/go/bin/* $out/bin/
          runHook postInstall
        '';
        passthru = {
          inherit go;
        } // (attributes.passthru or { });
      }
    )
  );
in
{
  inherit go buildGoModule standardLibrary;
}
