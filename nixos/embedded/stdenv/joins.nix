# nixpkgs' joins: several packages as one tree, and small trees of links and texts.
{
  lib,
  stdenv,
  runCommand,
  lndir,
}:
rec {
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
