# nixpkgs' writers of texts and scripts.
{
  lib,
  stdenv,
  runCommand,
}:
rec {
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
}
