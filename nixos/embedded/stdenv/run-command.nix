# nixpkgs' runCommand and its relatives.
{ lib, stdenv }:
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
}
