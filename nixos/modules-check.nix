# nixos/tests/evaluate within a build: modules and hosts evaluate, and docs/modules.md is current.
{ pkgs, nixpkgsLib }:
let
  source = import ./packages/source.nix {
    inherit (pkgs) lib;
    folders = [
      "modules"
      "nixos/hosts"
      "nixos/installer"
      "nixos/tests"
    ];
    files = [
      "docs/modules.md"
      "docs/nixos.md"
    ];
  };
in
pkgs.runCommand "skypanel-modules-check"
  {
    nativeBuildInputs = [
      pkgs.nix
      pkgs.nodejs_24
    ];
  }
  ''
    export HOME=$TMPDIR NIX_REMOTE=dummy:// NIX_STATE_DIR=$TMPDIR/nix
    if ! sh ${source}/nixos/tests/evaluate ${nixpkgsLib} >$out; then
      cat $out
      exit 1
    fi
  ''
