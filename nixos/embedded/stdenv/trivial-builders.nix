# nixpkgs' trivial builders: runCommand, the writers of text and scripts, and joins of packages.
{
  lib,
  stdenv,
  bash,
  lndir,
}:
rec {
  runCommandWith =
    {
      stdenv ? defaultStdenv,
      runLocal ? false,
      derivationArgs ? { },
      name,
    }:
    buildCommand:
    stdenv.mkDerivation (
      {
        enableParallelBuilding = true;
        inherit buildCommand name;
        passAsFile = [ "buildCommand" ] ++ (derivationArgs.passAsFile or [ ]);
      }
      // lib.optionalAttrs runLocal {
        preferLocalBuild = true;
        allowSubstitutes = false;
      }
      // removeAttrs derivationArgs [ "passAsFile" ]
    );
  defaultStdenv = stdenv;
  runCommand = name: derivationArgs: runCommandWith { inherit name derivationArgs; };
  runCommandNoCC = runCommand;
  runCommandLocal =
    name: derivationArgs:
    runCommandWith {
      inherit name derivationArgs;
      runLocal = true;
    };
  runCommandCC = _: _: _: throw "the embedded package set has no C compiler";

  writeTextFile =
    {
      name ? lib.strings.sanitizeDerivationName pname,
      pname ? name,
      text,
      executable ? false,
      destination ? "",
      checkPhase ? "",
      meta ? { },
      passthru ? { },
      derivationArgs ? { },
      allowSubstitutes ? false,
      preferLocalBuild ? true,
    }:
    let
      program = builtins.match "/bin/([^/]+)" destination;
    in
    runCommand name
      (
        derivationArgs
        // {
          inherit
            text
            executable
            destination
            checkPhase
            allowSubstitutes
            preferLocalBuild
            ;
          passAsFile = [ "text" ] ++ (derivationArgs.passAsFile or [ ]);
          passthru = passthru;
          meta = lib.optionalAttrs (executable && program != null) { mainProgram = builtins.head program; } // meta;
        }
      )
      ''
        target=$out$destination
        mkdir -p "$(dirname "$target")"
        cp "$textPath" "$target"
        if [ -n "$executable" ]; then chmod +x "$target"; fi
        eval "$checkPhase"
      '';

  writeText =
    name: text:
    # A name with folders in it would not be a name of the store.
    writeTextFile { inherit name text; };
  writeTextDir =
    path: text:
    writeTextFile {
      inherit text;
      name = builtins.baseNameOf path;
      destination = "/${path}";
    };
  writeScript =
    name: text:
    writeTextFile {
      inherit name text;
      executable = true;
    };
  writeScriptBin =
    name: text:
    writeTextFile {
      inherit name text;
      executable = true;
      destination = "/bin/${name}";
    };
  writeShellScript = name: text: writeScript name "#!${stdenv.shell}\n${text}\n";
  writeShellScriptBin = name: text: writeScriptBin name "#!${stdenv.shell}\n${text}\n" // { pname = name; };
  writeShellApplication =
    {
      name,
      text,
      runtimeInputs ? [ ],
      runtimeEnv ? null,
      meta ? { },
      passthru ? { },
      checkPhase ? null,
      excludeShellChecks ? [ ],
      extraShellCheckFlags ? [ ],
      bashOptions ? [
        "errexit"
        "nounset"
        "pipefail"
      ],
      derivationArgs ? { },
      inheritPath ? true,
    }:
    let
      environment = lib.concatStrings (
        lib.mapAttrsToList (key: value: "${lib.toShellVar key value}\nexport ${key}\n") (lib.defaultTo { } runtimeEnv)
      );
      path = lib.optionalString (runtimeInputs != [ ]) ''
        export PATH="${lib.makeBinPath runtimeInputs}${lib.optionalString inheritPath ":$PATH"}"
      '';
    in
    writeTextFile {
      inherit name passthru derivationArgs;
      meta = {
        mainProgram = name;
      } // meta;
      executable = true;
      destination = "/bin/${name}";
      text = ''
        #!${stdenv.shell}
        ${lib.concatMapStringsSep "\n" (option: "set -o ${option}") bashOptions}
        ${environment}${path}
        ${text}
      '';
      checkPhase = if checkPhase == null then "${stdenv.shell} -n \"$target\"" else checkPhase;
    };

  # nixpkgs takes a name or attributes first.
  symlinkJoin =
    {
      name ? "${pname}-${version}",
      pname ? name,
      version ? "",
      paths,
      preferLocalBuild ? true,
      allowSubstitutes ? false,
      postBuild ? "",
      meta ? { },
      passthru ? { },
      nativeBuildInputs ? [ ],
      ...
    }@attributes:
    runCommand name
      (
        removeAttrs attributes [
          "name"
          "paths"
          "postBuild"
        ]
        // {
          inherit preferLocalBuild allowSubstitutes meta passthru nativeBuildInputs;
          paths = map toString (lib.flatten paths);
        }
      )
      ''
        mkdir -p $out
        for path in $paths; do ${lndir} "$path" "$out"; done
        ${postBuild}
      '';

  buildEnv =
    {
      name,
      paths,
      pathsToLink ? [ "/" ],
      extraPrefix ? "",
      postBuild ? "",
      meta ? { },
      passthru ? { },
      nativeBuildInputs ? [ ],
      buildInputs ? [ ],
      ignoreCollisions ? false,
      checkCollisionContents ? true,
      extraOutputsToInstall ? [ ],
      ...
    }:
    runCommand name
      {
        inherit meta passthru;
        nativeBuildInputs = nativeBuildInputs ++ buildInputs;
        paths = map toString (lib.flatten paths);
        inherit pathsToLink;
      }
      ''
        mkdir -p "$out${extraPrefix}"
        for path in $paths; do
          for part in $pathsToLink; do
            [ -d "$path$part" ] || continue
            mkdir -p "$out${extraPrefix}$part"
            ${lndir} "$path$part" "$out${extraPrefix}$part"
          done
        done
        ${postBuild}
      '';

  linkFarm =
    name: entries:
    let
      list = if builtins.isAttrs entries then lib.mapAttrsToList (name: path: { inherit name path; }) entries else entries;
      commands = map (entry: ''
        mkdir -p "$(dirname ${lib.escapeShellArg entry.name})"
        ln -s ${lib.escapeShellArg "${entry.path}"} ${lib.escapeShellArg entry.name}
      '') list;
    in
    runCommand name { preferLocalBuild = true; } ''
      mkdir -p $out
      cd $out
      ${lib.concatStrings commands}
    '';
  linkFarmFromDrvs = name: packages: linkFarm name (map (package: { name = package.name; path = package; }) packages);

  concatText = name: files: runCommand name { inherit files; } "cat $files >$out";
  concatScript = name: files: runCommand name { inherit files; } "cat $files >$out; chmod +x $out";
  copyPathToStore = builtins.filterSource (_: _: true);
  applyPatches =
    {
      src,
      name ? "source-patched",
      patches ? [ ],
      ...
    }@attributes:
    stdenv.mkDerivation (
      attributes
      // {
        inherit name src patches;
        dontConfigure = true;
        dontBuild = true;
        installPhase = "cp -R . $out";
        dontFixup = true;
      }
    );
  emptyFile = runCommand "empty-file" { } "touch $out";
  emptyDirectory = runCommand "empty-directory" { } "mkdir $out";
  writeClosure = paths: runCommand "closure" { inherit paths; exportReferencesGraph = lib.imap0 (i: p: "graph-${toString i} ${p}") paths; } ''
    grep -h "^/" graph-* | sort -u >$out
  '';
}
