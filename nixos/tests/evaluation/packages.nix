# Packages by name alone. One that is not here is an error: no module may take what NixOS does not have.
{ lib }:
let
  path = name: "/nix/store/${lib.fixedWidthString 32 "0" ""}-${name}";
  package =
    name: more:
    {
      type = "derivation";
      inherit name;
      outPath = path name;
      meta.mainProgram = name;
      override = changed: package "${name}-${lib.concatStringsSep "-" (lib.attrValues changed)}" more // {
        meta.mainProgram = name;
      };
    }
    // more;
  script = name: content: package name { inherit content; };
in
lib.genAttrs [
  "coreutils"
  "curl"
  "gnugrep"
  "gvisor"
  "iptables"
  "util-linux"
] (name: package name { })
// {
  inherit package lib;
  path = path "nixpkgs";
  nix = package "nix" { version = "2.34.7"; };
  skypanel-agent = package "skypanel-agent" { };
  skypanel-platform = package "skypanel-platform" { };
  writeShellScript = script;
  writeShellScriptBin = script;
  formats = throw "no module of ours writes a file by a format";
}
