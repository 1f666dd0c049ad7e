# What some workspaces need of package-lock.json, as the manifest and the lock of a package that depends on just that:
# the whole lock also holds browsers, databases and compilers for the tests, for every system there is.
{
  lib,
  lock,
  # Names of workspaces' folders, such as [ "platform" "contract" ].
  workspaces,
  # Further packages of the lock, by their names.
  more ? [ ],
  # node_modules' own words for the machine: `x64` or `arm64`.
  cpu,
}:
let
  inherit (lock) packages;

  # `platform/node_modules/a` → [ "platform/node_modules/a/node_modules" "platform/node_modules" "node_modules" ]
  placesOf =
    path:
    let
      parts = lib.splitString "/" path;
      prefixes = map (length: lib.concatStringsSep "/" (lib.take length parts)) (
        lib.reverseList (lib.range 1 (lib.length parts))
      );
      folders = builtins.filter (prefix: baseNameOf prefix != "node_modules") prefixes;
    in
    map (folder: "${folder}/node_modules") folders ++ [ "node_modules" ];

  # Where Node.js finds a package that is imported by the files of `path`; null when the lock has none.
  find =
    path: name:
    lib.findFirst (candidate: packages ? ${candidate}) null (map (place: "${place}/${name}") (placesOf path));

  isForHere =
    module:
    builtins.elem "linux" (module.os or [ "linux" ])
    && builtins.elem cpu (module.cpu or [ cpu ])
    && builtins.elem "glibc" (module.libc or [ "glibc" ]);

  isTaken = place: place != null && !(packages.${place}.link or false) && isForHere packages.${place};

  needsOf =
    path:
    let
      module = packages.${path};
      isOptional = name: module.peerDependenciesMeta.${name}.optional or false;
      names =
        lib.attrNames (module.dependencies or { } // module.optionalDependencies or { })
        ++ builtins.filter (name: !(isOptional name)) (lib.attrNames (module.peerDependencies or { }));
    in
    # Other workspaces are named by whoever calls; a package that is made for another system is left out by npm too.
    builtins.filter isTaken (map (find path) names);

  reached = builtins.genericClosure {
    startSet = map (key: { inherit key; }) (workspaces ++ map (name: "node_modules/${name}") more);
    operator = { key }: map (key: { inherit key; }) (needsOf key);
  };
  paths = builtins.filter (path: !(builtins.elem path workspaces)) (map ({ key }: key) reached);

  # npm keeps some packages below the workspace that needs them; in the one folder that is made here they move up.
  placeOf =
    path:
    lib.findFirst (lib.hasPrefix "node_modules/") path (
      map (workspace: lib.removePrefix "${workspace}/" path) workspaces
    );
  moved = lib.groupBy placeOf paths;

  # npm takes a lock for damaged that names a package and does not have it.
  entryOf =
    path:
    let
      module = packages.${path};
    in
    module
    // lib.optionalAttrs (module ? optionalDependencies) {
      optionalDependencies = lib.filterAttrs (name: _: isTaken (find path name)) module.optionalDependencies;
    };

  versions = lib.genAttrs more (name: packages."node_modules/${name}".version);
  dependencies = lib.filterAttrs (name: _: !(packages."node_modules/${name}".link or false)) (
    lib.foldl' (all: name: all // packages.${name}.dependencies or { }) versions workspaces
  );
  manifest = {
    name = "skypanel-${builtins.head workspaces}";
    version = packages.${builtins.head workspaces}.version;
    inherit dependencies;
  };
in
{
  package = manifest;
  packageLock = {
    inherit (lock) lockfileVersion;
    inherit (manifest) name version;
    requires = true;
    packages =
      lib.mapAttrs (
        place: from:
        if lib.length from == 1 then
          entryOf (builtins.head from)
        else
          throw "package-lock.json: ${lib.concatStringsSep " and " from} cannot both become ${place}; bring the workspaces to one version"
      ) moved
      // {
        "" = manifest;
      };
  };
}
