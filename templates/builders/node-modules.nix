# The packages of a lock file of npm 6, pnpm, Yarn or Bun, as the recogniser laid them out: each once, with links to its
# own dependencies. Every tarball is fetched by the lock file's own hash. Written for nixpkgs.
{
  pkgs,
  name,
  # { tarballs = [ { url, hash, name } ]; scripts; build, runtime = { places; links; }; … }
  modules,
  # With npm: its parts unpack packages and run their scripts.
  nodejs,
  # What programs of packages are run by.
  slim,
}:
let
  inherit (pkgs) lib;
  tarballs = map pkgs.fetchurl modules.tarballs;
  withFile = place: [
    (builtins.head place)
    "${builtins.elemAt tarballs (builtins.elemAt place 1)}"
    (lib.last place)
  ];
  tree =
    purpose: layout:
    pkgs.runCommand "${name}-node-modules-${purpose}"
      {
        nativeBuildInputs = [ nodejs ];
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
