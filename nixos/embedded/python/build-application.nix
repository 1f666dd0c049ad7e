# nixpkgs' buildPythonApplication for projects in pure Python: with pip and wheel out of reach, the modules that
# pyproject.toml or setup.py name are installed as they are, and console scripts are made from their entry points.
{
  lib,
  pkgs,
  interpreter,
  sitePackages,
  withPackages,
}:
{
  pname ? null,
  name ? "${pname}-${version}",
  version ? "0",
  src,
  format ? null,
  pyproject ? null,
  build-system ? [ ],
  dependencies ? [ ],
  propagatedBuildInputs ? [ ],
  nativeBuildInputs ? [ ],
  makeWrapperArgs ? [ ],
  passthru ? { },
  meta ? { },
  ...
}@attributes:
let
  needed = dependencies ++ builtins.filter (each: each ? pythonModule) propagatedBuildInputs;
  environment = withPackages (_: needed);
  package = pkgs.stdenv.mkDerivation (
    removeAttrs attributes [
      "build-system"
      "dependencies"
      "propagatedBuildInputs"
      "format"
      "pyproject"
      "makeWrapperArgs"
    ]
    // {
      inherit name src;
      nativeBuildInputs = nativeBuildInputs ++ [ environment ];
      dontConfigure = true;
      buildPhase = attributes.buildPhase or ''
        runHook preBuild
        runHook postBuild
      '';
      installPhase =
        if format == "other" || pyproject == false && attributes ? installPhase then
          attributes.installPhase
        else
          attributes.installPhase or ''
            runHook preInstall
            python3 ${./install-project.py} "$out" "$out/${sitePackages}" ${environment}/bin/python3
            python3 -m compileall -q --invalidation-mode unchecked-hash "$out/${sitePackages}"
            runHook postInstall
          '';
      meta = meta;
      passthru = passthru // {
        pythonModule = interpreter;
        dependencies = needed;
      };
    }
  );
in
package
// {
  pythonModule = interpreter;
  dependencies = needed;
}
