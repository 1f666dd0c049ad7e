# The packages of a package-lock.json of npm 7 or newer, installed by npm itself. Written for nixpkgs.
{
  pkgs,
  src,
  name,
  package,
  nodejs,
  # Where packages come from whose lock entry does not say it (`resolved`), or which come from npm's public registry.
  npmRegistry,
}:
let
  inherit (pkgs) lib;
  lockFile =
    if builtins.pathExists (src + "/package-lock.json") then
      src + "/package-lock.json"
    else if builtins.pathExists (src + "/npm-shrinkwrap.json") then
      src + "/npm-shrinkwrap.json"
    else
      throw "package.json has no package-lock.json beside it: run `npm install` and commit the file it writes";
  lock = lib.importJSON lockFile;

  # Of a package of npm's public registries, the part of its address that every registry has; as in the recogniser.
  publicPath =
    resolved:
    let
      found = builtins.match "https?://registry[.](npmjs[.]org|yarnpkg[.]com)/(.*)" resolved;
    in
    if found == null then null else lib.last found;
  withOrigin =
    path: module:
    let
      moduleName = module.name or (lib.last (lib.splitString "node_modules/" path));
      base = lib.last (lib.splitString "/" moduleName);
      registry =
        if npmRegistry != null then
          lib.removeSuffix "/" npmRegistry
        else
          throw "package-lock.json does not say where ${moduleName} comes from (resolved), and no npm registry is set";
      isFromRegistry =
        lib.hasInfix "node_modules/" path && !(module.link or false) && !(module.inBundle or false);
      resolved = module.resolved or "${registry}/${moduleName}/-/${base}-${module.version}.tgz";
    in
    if !isFromRegistry then
      module
    else if npmRegistry != null && publicPath resolved != null then
      module // { resolved = "${registry}/${publicPath resolved}"; }
    else
      module // { inherit resolved; };

  # Only what decides about dependencies: a changed script or description must not install them again.
  dependenciesOf =
    description:
    builtins.intersectAttrs {
      dependencies = null;
      devDependencies = null;
      optionalDependencies = null;
      peerDependencies = null;
      overrides = null;
      workspaces = null;
    } description
    // {
      inherit name;
      version = "0.0.0";
    };

  tree =
    purpose: flags:
    if !(lock ? packages) then
      throw "package-lock.json is of lockfileVersion ${toString (lock.lockfileVersion or 1)}: make it again with npm 7 or newer"
    else
      pkgs.importNpmLock.buildNodeModules {
        package = dependenciesOf package;
        packageLock = {
          inherit (lock) lockfileVersion;
          inherit name;
          version = "0.0.0";
          requires = true;
          packages = builtins.mapAttrs withOrigin lock.packages // {
            "" = dependenciesOf lock.packages."" or { };
          };
        };
        inherit nodejs;
        derivationArgs = {
          pname = "${name}-node-modules";
          version = purpose;
          npmInstallFlags = flags;
        };
      };
in
{
  isEmpty =
    !(lib.any (field: package.${field} or { } != { }) [
      "dependencies"
      "devDependencies"
      "optionalDependencies"
    ]);
  build = tree "build" [ ];
  runtime = tree "runtime" [ "--omit=dev" ];
}
