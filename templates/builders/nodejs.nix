# A Node.js service from package.json and package-lock.json. Written for nixpkgs.
# The dependencies are a store path of their own, so that a change of the source rebuilds and ships only the source.
{
  pkgs,
  src,
  name ? null,
  version ? null,
  # The command line that starts the service (a Procfile's `web`); else package.json's `scripts.start`, else its `main`.
  start ? null,
  # The command line that builds; else package.json's `scripts.build`.
  buildCommand ? null,
  # Which of the package set's Node.js runs and builds it.
  nodeMajor ? 24,
  # Where packages come from whose lock entry does not say it (`resolved`).
  npmRegistry ? pkgs.embedded.npmRegistry or null,
  ...
}:
let
  inherit (pkgs) lib;
  command = import ./start-command.nix { inherit lib; };

  package = lib.importJSON (src + "/package.json");
  lockFile =
    if builtins.pathExists (src + "/package-lock.json") then
      src + "/package-lock.json"
    else if builtins.pathExists (src + "/npm-shrinkwrap.json") then
      src + "/npm-shrinkwrap.json"
    else
      throw "package.json has no package-lock.json beside it: run `npm install` and commit the file it writes";
  lock = lib.importJSON lockFile;

  serviceName = if name != null then name else lib.strings.sanitizeDerivationName (package.name or "app");
  serviceVersion = if version != null then version else package.version or "0.0.0";

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
    in
    if isFromRegistry && !(module ? resolved) then
      module // { resolved = "${registry}/${moduleName}/-/${base}-${module.version}.tgz"; }
    else
      module;

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
      name = serviceName;
      version = "0.0.0";
    };

  nodejsWithNpm =
    pkgs."nodejs_${toString nodeMajor}" or (throw "the package set has no Node.js ${toString nodeMajor}");
  nodejs = pkgs."nodejs-slim_${toString nodeMajor}" or nodejsWithNpm;

  nodeModules =
    purpose: flags:
    if !(lock ? packages) then
      throw "package-lock.json is of lockfileVersion ${toString (lock.lockfileVersion or 1)}: make it again with npm 7 or newer"
    else
      pkgs.importNpmLock.buildNodeModules {
        package = dependenciesOf package;
        packageLock = {
          inherit (lock) lockfileVersion;
          name = serviceName;
          version = "0.0.0";
          requires = true;
          packages = builtins.mapAttrs withOrigin lock.packages // {
            "" = dependenciesOf lock.packages."" or { };
          };
        };
        nodejs = nodejsWithNpm;
        derivationArgs = {
          pname = "${serviceName}-node-modules";
          version = purpose;
          npmInstallFlags = flags;
        };
      };
  hasDependencies =
    lib.any (field: package.${field} or { } != { }) [
      "dependencies"
      "devDependencies"
      "optionalDependencies"
    ];
  runtimeModules = nodeModules "runtime" [ "--omit=dev" ];
  buildModules = nodeModules "build" [ ];
  buildText =
    if buildCommand != null then
      buildCommand
    else
      lib.optionalString (package ? scripts.build) "npm run build";
  hasBuild = buildText != "";

  startText =
    if start != null then
      start
    else if package ? scripts.start then
      package.scripts.start
    else if package ? main then
      "node ${lib.escapeShellArg package.main}"
    else if builtins.pathExists (src + "/server.js") then
      "node server.js"
    else
      throw "nothing says how to start: add a `start` script to package.json or a `web` line to a Procfile";

  # `npm start` and `npm run x` stand for the script itself: npm is not part of a running service.
  expanded =
    text:
    let
      run = builtins.match "npm (run |run-script )?([A-Za-z0-9:_-]+)[[:space:]]*" text;
      script = builtins.elemAt run 1;
    in
    if run == null then
      text
    else if package ? scripts.${script} then
      expanded package.scripts.${script}
    else
      throw "the start command is `${text}`, but package.json has no script `${script}`";

  # Without a shell in between, and without one in the closure: Node.js runs the file itself.
  launchWithNode =
    arguments:
    let
      file = builtins.head arguments;
    in
    if arguments == [ ] || lib.hasPrefix "-" file then
      null
    else
      ''
        #!${nodejs}/bin/node
        process.chdir("@folder@")
        process.argv.splice(1, 1, ${
          lib.concatMapStringsSep ", " builtins.toJSON ([ "@folder@/${file}" ] ++ builtins.tail arguments)
        })
        require("node:module").runMain()
      '';
in
pkgs.stdenvNoCC.mkDerivation {
  pname = serviceName;
  version = serviceVersion;
  src = lib.cleanSourceWith {
    src = lib.cleanSource src;
    filter = path: _: baseNameOf path != "node_modules";
    name = "source";
  };
  nativeBuildInputs = [ nodejs ] ++ lib.optional hasBuild nodejsWithNpm;
  dontConfigure = true;
  dontFixup = true;

  buildPhase = ''
    runHook preBuild
    ${lib.optionalString hasBuild ''
      export HOME=$TMPDIR
      mkdir node_modules
      ${lib.optionalString hasDependencies ''
      for entry in ${buildModules}/node_modules/* ${buildModules}/node_modules/.[!.]*; do
        [ ! -e "$entry" ] || ln -s "$entry" node_modules/
      done
      ''}
      export PATH=$PWD/node_modules/.bin:$PATH
      (
        ${buildText}
      )
      rm -rf node_modules
    ''}
    runHook postBuild
  '';

  installPhase = ''
    runHook preInstall
    app=$out/lib/${serviceName}
    mkdir -p $app $out/bin
    cp -r . $app/
    ${lib.optionalString hasDependencies "ln -s ${runtimeModules}/node_modules $app/node_modules"}
    ${command.install {
      inherit (pkgs) runtimeShell;
      program = serviceName;
      text = expanded startText;
      folder = "$app";
      path = [
        "@folder@/node_modules/.bin"
        "${nodejs}/bin"
      ];
      launchers.node = launchWithNode;
    }}
    runHook postInstall
  '';

  meta.mainProgram = serviceName;
}
