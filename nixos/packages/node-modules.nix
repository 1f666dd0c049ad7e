# The npm packages that some workspaces run with: a folder `node_modules`, by the hashes in package-lock.json.
{
  pkgs,
  workspaces,
  packages ? [ ],
  npmRegistry,
}:
let
  inherit (pkgs) lib;
  closure = import ./npm-closure.nix {
    inherit lib workspaces;
    more = packages;
    lock = lib.importJSON ../../package-lock.json;
    cpu = if pkgs.stdenv.hostPlatform.isAarch64 then "arm64" else "x64";
  };

  # The lock names no registry: this repository is built from whichever one its builders use.
  withOrigin =
    path: module:
    let
      name = module.name or (lib.last (lib.splitString "node_modules/" path));
      url = "${lib.removeSuffix "/" npmRegistry}/${name}/-/${baseNameOf name}-${module.version}.tgz";
    in
    if path == "" || module ? resolved then module else module // { resolved = url; };
in
if npmRegistry == null then
  throw "${closure.package.name} is built from npm packages: set npm_config_registry to a registry's URL, and build with --impure"
else
  pkgs.importNpmLock.buildNodeModules {
    inherit (closure) package;
    packageLock = closure.packageLock // {
      packages = lib.mapAttrs withOrigin closure.packageLock.packages;
    };
    nodejs = pkgs.nodejs_24;
    derivationArgs = {
      pname = "${closure.package.name}-node-modules";
      # No package that runs needs what its install script would compile.
      npmRebuildFlags = [ "--ignore-scripts" ];
      # Programs among them are given on to other machines as their makers built them.
      dontFixup = true;
    };
  }
