# The embedded package set: `import <this folder> { }` gives `pkgs`, as `import <nixpkgs> { }` would.
{
  system ? "x86_64-linux",
  # Where npm's packages come from; without one, the registry that `prepare.mjs` found on this machine.
  npmRegistry ? null,
  config ? { },
  overlays ? [ ],
  lock ? builtins.fromJSON (builtins.readFile ./lock.json),
}:
let
  lib = import ./lib;
  wanted = builtins.fromJSON (builtins.readFile ./packages.json);
  debian = import ./debian { inherit lib lock system; };
  registry = if npmRegistry == null then lock.npmRegistry else lib.removeSuffix "/" npmRegistry;

  base =
    pkgs:
    import ./packages.nix {
      inherit
        pkgs
        lib
        wanted
        debian
        system
        registry
        ;
    };

  unsupported = throw "the embedded package set is for x86_64-linux, not for ${system}; use nixpkgs";
  withOverlays = builtins.foldl' (function: overlay: lib.extends overlay function) base overlays;
in
if system != "x86_64-linux" then unsupported else lib.fix withOverlays
