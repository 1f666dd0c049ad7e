# A Node.js service from package.json and its lock file. Written for nixpkgs.
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
  # What the recogniser read from the lock file; null lets npm install from package-lock.json.
  modules ? null,
  # What the lock file has no hash of, with the hashes that were learned.
  learns ? [ ],
  # A site that the build writes instead of a service: { folder; fallback; }. Without a folder, the build shows it.
  site ? null,
  # The member of the workspace that is built and started.
  member ? "",
  # Where packages come from whose lock entry does not say it (`resolved`).
  npmRegistry ? pkgs.embedded.npmRegistry or null,
  ...
}:
let
  inherit (pkgs) lib;
  command = import ./start-command.nix { inherit lib; };

  place = if member == "" then src else src + "/${member}";
  package = lib.importJSON (place + "/package.json");
  serviceName = if name != null then name else lib.strings.sanitizeDerivationName (package.name or "app");
  serviceVersion = if version != null then version else package.version or "0.0.0";

  nodejsWithNpm =
    pkgs."nodejs_${toString nodeMajor}" or (throw "the package set has no Node.js ${toString nodeMajor}");
  nodejs = pkgs."nodejs-slim_${toString nodeMajor}" or nodejsWithNpm;

  installed =
    if modules != null then
      import ./node-modules.nix {
        inherit
          pkgs
          modules
          learns
          src
          ;
        name = serviceName;
        nodejs = nodejsWithNpm;
        slim = nodejs;
      }
    else
      import ./npm-modules.nix {
        inherit
          pkgs
          src
          package
          npmRegistry
          ;
        name = serviceName;
        nodejs = nodejsWithNpm;
      };
  links = import ./link-modules.nix (
    { inherit lib; }
    // lib.optionalAttrs (modules != null) { inherit (modules) folders members; }
  );
  isWorkspace = modules != null && modules.folders != [ "" ];

  # What scripts call to run other scripts, by whichever package manager they are written for.
  packageManagers = pkgs.runCommand "package-managers" { } ''
    mkdir -p $out/bin
    for name in pnpm yarn bun; do
      { echo '#!${pkgs.runtimeShell}'; cat ${./package-manager.sh}; } >$out/bin/$name
      chmod +x $out/bin/$name
    done
  '';

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
    else if builtins.pathExists (place + "/server.js") then
      "node server.js"
    else
      throw "nothing says how to start: add a `start` script to package.json or a `web` line to a Procfile";

  # `npm start` and `npm run x` stand for the script itself: npm is not part of a running service.
  expanded =
    text:
    let
      run = builtins.match "(npm|pnpm|yarn|bun) (run |run-script )?([A-Za-z0-9:_-]+)[[:space:]]*" text;
      script = builtins.elemAt run 2;
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

  # What the site and the service have in common.
  build = {
    version = serviceVersion;
    src = lib.cleanSourceWith {
      src = lib.cleanSource src;
      filter =
        path: _:
        !(builtins.elem (baseNameOf path) [
          "node_modules"
          ".yarn"
        ]);
      name = "source";
    };
    nativeBuildInputs = [ nodejs ] ++ lib.optional hasBuild nodejsWithNpm;
    dontConfigure = true;
    dontFixup = true;
    buildPhase = ''
      runHook preBuild
      ${lib.optionalString hasBuild ''
        export HOME=$TMPDIR
        ${lib.optionalString (!installed.isEmpty) (links.link installed.build ".")}
        export PATH=$PWD/${member}/node_modules/.bin:$PWD/node_modules/.bin:${packageManagers}/bin:$PATH
        (
          cd ./${member}
          ${buildText}
        )
        ${links.unlink "."}
      ''}
      runHook postBuild
    '';
  };

  siteFolders =
    if site.folder or null != null then
      [ site.folder ]
    else
      [
        "dist"
        "build"
        "out"
        "public"
        "_site"
      ];
  builtSite = pkgs.stdenvNoCC.mkDerivation (
    build
    // {
      pname = "${serviceName}-site";
      installPhase = ''
        runHook preInstall
        cd ./${member}
        for folder in ${lib.escapeShellArgs siteFolders}; do
          if [ -e "$folder/index.html" ]; then
            cp -r "$folder" $out
            break
          fi
        done
        if [ ! -e $out ]; then
          echo "error: the build has written no index.html into ${lib.concatStringsSep ", " siteFolders}; name its folder in a skypanel.toml: [static], folder" >&2
          exit 1
        fi
        runHook postInstall
      '';
    }
  );

  service = pkgs.stdenvNoCC.mkDerivation (
    build
    // {
      pname = serviceName;
      installPhase = ''
        runHook preInstall
        app=$out/lib/${serviceName}
        mkdir -p $app $out/bin
        cp -r . $app/
        ${lib.optionalString (!installed.isEmpty) (
          if isWorkspace then
            links.link installed.runtime "$app"
          else
            "ln -s ${installed.runtime}/node_modules $app/node_modules"
        )}
        ${command.install {
          inherit (pkgs) runtimeShell;
          program = serviceName;
          text = expanded startText;
          folder = if member == "" then "$app" else "$app/${member}";
          path = [
            "@folder@/node_modules/.bin"
          ]
          ++ lib.optional (member != "") "${placeholder "out"}/lib/${serviceName}/node_modules/.bin"
          ++ [
            "${nodejs}/bin"
          ];
          launchers.node = launchWithNode;
        }}
        runHook postInstall
      '';
      meta.mainProgram = serviceName;
    }
  );
in
if site == null then
  service
else
  import ./static.nix {
    inherit pkgs;
    name = serviceName;
    version = serviceVersion;
    built = builtSite;
    inherit (site) fallback;
  }
