# The packages of a lock file of npm 6, pnpm, Yarn or Bun, as the recogniser laid them out: each once, with links to its
# own dependencies. Every tarball is fetched by the lock file's own hash, or is in the repository. Written for nixpkgs.
{
  pkgs,
  name,
  # The repository, for archives of Yarn that are in it.
  src,
  # { tarballs = [ { url, hash, name } ]; scripts; build, runtime = { places; links; }; … }
  modules,
  # Of the kind `yarn-archive`: those that the lock file has no hash of, with their hashes.
  learns,
  # With npm: its parts unpack packages and run their scripts.
  nodejs,
  # What programs of packages are run by.
  slim,
}:
let
  inherit (pkgs) lib;
  yarnArchive = import ./yarn-archive.nix { inherit pkgs src; };
  learned = each: lib.findFirst (other: other.lock == each.lock) (throw "no hash of ${each.name}") learns;
  tarballs = map (
    each:
    if each ? lock then
      yarnArchive (learned each)
    else if each ? yarn then
      yarnArchive each
    else
      pkgs.fetchurl each
  ) modules.tarballs;
  withFile = place: [
    (builtins.head place)
    "${builtins.elemAt tarballs (builtins.elemAt place 1)}"
    (lib.last place)
  ];
  tree =
    purpose: layout:
    pkgs.runCommand "${name}-node-modules-${purpose}"
      {
        nativeBuildInputs = [ nodejs ] ++ lib.optional (lib.any (each: each ? yarn || each ? lock) modules.tarballs) pkgs.unzip;
        passAsFile = [ "layout" ];
        layout = builtins.toJSON {
          inherit (layout) links;
          inherit (modules) scripts;
          places = map withFile layout.places;
        };
      }
      ''
        export HOME=$TMPDIR
        node ${./lay-out-modules.mjs} "$layoutPath" "$out" ${slim}/bin/node
      '';
in
rec {
  isEmpty = modules.tarballs == [ ] && modules.members == [ ];
  build = tree "build" modules.build;
  runtime = if modules.build == modules.runtime then build else tree "runtime" modules.runtime;
}
