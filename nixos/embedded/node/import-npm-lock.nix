# nixpkgs' importNpmLock: npm's packages one by one from package-lock.json, each by its own integrity.
{
  lib,
  pkgs,
  nodejs,
  registry,
}:
let
  # Path in the lock (node_modules/a/node_modules/@b/c) → the package's name there (@b/c).
  nameOf = path: module: module.name or (lib.last (lib.splitString "node_modules/" path));

  # A lock may leave out where its packages come from (npm's omit-lockfile-registry-resolved): the registry's own layout.
  resolvedOf =
    path: module:
    let
      name = nameOf path module;
      base = lib.last (lib.splitString "/" name);
    in
    module.resolved or "${registry}/${name}/-/${base}-${module.version}.tgz";

  # npm leaves out an optional package that is made for another system: esbuild alone would be two dozen downloads.
  allows =
    list: value:
    let
      refused = builtins.filter (lib.hasPrefix "!") list;
      accepted = lib.subtractLists refused list;
    in
    !(builtins.elem "!${value}" refused) && (accepted == [ ] || builtins.elem value accepted);
  isForHere =
    module:
    allows (module.os or [ ]) "linux" && allows (module.cpu or [ ]) "x64" && allows (module.libc or [ ]) "glibc";

  # Folders of the project itself (workspaces, file:…), and what another package brings along, are not downloaded.
  isFromRegistry =
    path: module: lib.hasInfix "node_modules/" path && !(module.link or false) && !(module.inBundle or false);
  isDownloaded = _: module: !(module.optional or false) || isForHere module;

  download =
    path: module:
    let
      url = resolvedOf path module;
    in
    if !(lib.hasPrefix "http://" url || lib.hasPrefix "https://" url) then
      throw "package-lock.json: ${path} comes from ${url}; only packages of a registry can be built, not git or files"
    else if !(module ? integrity) then
      throw "package-lock.json: ${path} has no integrity; make the lock again with npm 7 or newer"
    else
      pkgs.fetchurl {
        inherit url;
        hash = module.integrity;
        name = "${lib.strings.sanitizeDerivationName "${nameOf path module}-${module.version}"}.tgz";
      };

  checked =
    lock:
    if lock ? packages then
      lock
    else
      throw "package-lock.json is of lockfileVersion ${toString (lock.lockfileVersion or 1)}; make it again with npm 7 or newer";

  importNpmLock =
    {
      npmRoot ? null,
      package ? lib.importJSON (npmRoot + "/package.json"),
      packageLock ? lib.importJSON (npmRoot + "/package-lock.json"),
      pname ? package.name or "npm",
      version ? package.version or "0.0.0",
      packageSourceOverrides ? { },
      ...
    }:
    let
      modules = (checked packageLock).packages;
      fromRegistry = lib.filterAttrs isFromRegistry modules;
      resolvedLock = packageLock // {
        packages = modules // builtins.mapAttrs (path: module: module // { resolved = resolvedOf path module; }) fromRegistry;
      };
      tarballs = lib.mapAttrsToList (
        path: module: "${packageSourceOverrides.${path} or (download path module)} ${module.integrity or ""}"
      ) (lib.filterAttrs isDownloaded fromRegistry);
    in
    pkgs.runCommand (lib.strings.sanitizeDerivationName "${pname}-${version}-npm-deps")
      {
        passAsFile = [
          "package"
          "packageLock"
          "tarballs"
        ];
        package = builtins.toJSON package;
        packageLock = builtins.toJSON resolvedLock;
        tarballs = lib.concatLines (lib.unique tarballs);
      }
      ''
        mkdir $out
        cp "$packagePath" $out/package.json
        cp "$packageLockPath" $out/package-lock.json
        cp "$tarballsPath" $out/tarballs
      '';

  npmConfigHook = pkgs.makeSetupHook {
    name = "npm-config-hook";
    propagatedBuildInputs = [ nodejs ];
    substitutions.install = ./install-node-modules.mjs;
    substitutions.slim = nodejs.slim;
  } ./npm-config-hook.sh;

  buildNodeModules =
    {
      npmRoot ? null,
      package ? lib.importJSON (npmRoot + "/package.json"),
      packageLock ? lib.importJSON (npmRoot + "/package-lock.json"),
      nodejs,
      derivationArgs ? { },
    }:
    pkgs.stdenv.mkDerivation (
      {
        pname = "${package.name or "npm"}-node-modules";
        version = package.version or "0.0.0";
        dontUnpack = true;
        dontFixup = true;
        npmDeps = importNpmLock { inherit package packageLock; };
        postPatch = "cp --no-preserve=mode $npmDeps/package.json $npmDeps/package-lock.json .";
        nativeBuildInputs = [
          nodejs
          npmConfigHook
        ];
        installPhase = ''
          runHook preInstall
          mkdir $out
          cp package.json package-lock.json $out/
          mkdir -p node_modules
          mv node_modules $out/
          runHook postInstall
        '';
      }
      // derivationArgs
    );
in
{
  __functor = _: importNpmLock;
  inherit npmConfigHook buildNodeModules;
  linkNodeModulesHook = pkgs.makeSetupHook { name = "link-node-modules-hook"; } ./link-node-modules-hook.sh;
}
