# nixpkgs' buildNpmPackage: install from the lock, `npm run build`, install what `npm pack` would publish.
{
  lib,
  pkgs,
  nodejs,
  importNpmLock,
}:
lib.makeOverridable (
  {
    name ? "${attributes.pname}-${attributes.version}",
    src ? null,
    npmDepsHash ? "",
    npmDeps ? importNpmLock { npmRoot = src; },
    npmBuildScript ? "build",
    npmWorkspace ? null,
    dontNpmBuild ? false,
    dontNpmInstall ? false,
    dontNpmPrune ? false,
    nativeBuildInputs ? [ ],
    npmConfigHook ? importNpmLock.npmConfigHook,
    nodejs ? pkgs.nodejs,
    meta ? { },
    ...
  }@attributes:
  pkgs.stdenv.mkDerivation (
    removeAttrs attributes [
      "npmDepsHash"
      "npmConfigHook"
      "nodejs"
    ]
    // {
      inherit name src npmDeps npmBuildScript;
      inherit dontNpmPrune;
      nativeBuildInputs = nativeBuildInputs ++ [
        nodejs
        npmConfigHook
        pkgs.makeWrapper
      ];
      buildPhase =
        attributes.buildPhase or ''
          runHook preBuild
          ${lib.optionalString (!dontNpmBuild) ''
            npm run ${lib.optionalString (npmWorkspace != null) "--workspace=${npmWorkspace} "}"$npmBuildScript" \
              ''${npmBuildFlags:-} ''${npmFlags:-}
          ''}
          runHook postBuild
        '';
      installPhase =
        attributes.installPhase or ''
          runHook preInstall
          ${lib.optionalString (!dontNpmInstall) "node ${./install-package.mjs}"}
          runHook postInstall
        '';
      inherit meta;
    }
  )
)
