# nixpkgs' makeSetupHook: a package whose script runs at the start of every build that has it as an input.
{ lib, runCommand }:
{
  name ? "hook",
  propagatedBuildInputs ? [ ],
  substitutions ? { },
  meta ? { },
  passthru ? { },
  ...
}:
script:
runCommand name { inherit meta passthru; } ''
  mkdir -p $out/nix-support
  cp ${script} $out/nix-support/setup-hook
  chmod u+w $out/nix-support/setup-hook
  ${lib.optionalString (propagatedBuildInputs != [ ]) ''
    echo ${toString propagatedBuildInputs} >$out/nix-support/propagated-build-inputs
  ''}
  substituteInPlace $out/nix-support/setup-hook ${
    lib.concatStringsSep " " (
      lib.mapAttrsToList (name: value: "--subst-var-by ${name} ${lib.escapeShellArg "${value}"}") substitutions
    )
  }
''
