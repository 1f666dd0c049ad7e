# The Python packages that a project asks for, found by name in the package set. Versions are the set's.
{ pkgs }:
let
  inherit (pkgs) lib;
  nearest = import ./nearest.nix { inherit lib; };
  packages = pkgs.python3.pkgs;

  normalise = text: builtins.replaceStrings [ "_" "." ] [ "-" "-" ] (lib.toLower text);

  # What PyPI calls otherwise than the package set.
  renamed = {
    "psycopg2-binary" = "psycopg2";
    "msgpack-python" = "msgpack";
    "bs4" = "beautifulsoup4";
    "sklearn" = "scikit-learn";
  };

  # `Name[extra] == 1.0 ; marker` (PEP 508) → { name, exact }; null for an empty line, a comment or an option of pip.
  parse =
    origin: line:
    let
      text = lib.trim (builtins.head (builtins.split " #|^#" line));
      found = builtins.match "([A-Za-z0-9][A-Za-z0-9._-]*)[[:space:]]*(\\[[^]]*])?[[:space:]]*([^;@]*)(@[^;]*)?(;.*)?" text;
      exact = builtins.match "==[[:space:]]*([A-Za-z0-9.!+_-]+).*" (lib.trim (builtins.elemAt found 2));
    in
    if text == "" || (lib.hasPrefix "--" text) || (lib.hasPrefix "-c " text) || (lib.hasPrefix "-i " text) then
      null
    else if lib.hasPrefix "-" text || found == null || builtins.elemAt found 3 != null then
      throw "${origin}: `${text}` is not the name of a package; URLs, paths and -e can not be built here"
    else
      {
        name = normalise (builtins.head found);
        exact = if exact == null then null else builtins.head exact;
      };

  lines = text: lib.splitString "\n" (builtins.replaceStrings [ "\r" "\\\n" ] [ "" " " ] text);

  fromRequirements =
    depth: folder: file:
    let
      included = line: builtins.match "(-r|--requirement)[ =]+([^ #]+).*" (lib.trim line);
      read =
        line:
        if included line != null then
          fromRequirements (depth + 1) folder (builtins.elemAt (included line) 1)
        else
          [ (parse file line) ];
    in
    if depth > 8 then
      throw "${file}: -r goes round in a circle"
    else if !(builtins.pathExists (folder + "/${file}")) then
      throw "${file} is named by -r, but is not there"
    else
      lib.concatMap read (lines (builtins.readFile (folder + "/${file}")));

  fromProject =
    folder:
    let
      document = builtins.fromTOML (builtins.readFile (folder + "/pyproject.toml"));
      poetry = builtins.attrNames (removeAttrs (document.tool.poetry.dependencies or { }) [ "python" ]);
    in
    map (parse "pyproject.toml") ((document.project.dependencies or [ ]) ++ poetry);

  find =
    requirement:
    let
      attribute = renamed.${requirement.name} or requirement.name;
    in
    if packages ? ${attribute} then
      packages.${attribute}
    else
      throw "the package set has no Python package `${requirement.name}`${
        nearest requirement.name (builtins.attrNames packages)
      }";
in
# `more` are lines of a requirements.txt that come from elsewhere.
folder: more:
let
  requirements = builtins.filter (each: each != null) (
    map (parse "the dependencies") more
    ++ lib.optionals (builtins.pathExists (folder + "/requirements.txt")) (
      fromRequirements 0 folder "requirements.txt"
    )
    ++ lib.optionals (builtins.pathExists (folder + "/pyproject.toml")) (fromProject folder)
  );
  differs = each: each.exact != null && each.exact != (find each).version or each.exact;
in
{
  names = map (each: each.name) requirements;
  packages = map find requirements;
  # For the build log: pip would have installed another version.
  notes = map (
    each: "note: ${each.name} ${each.exact} is asked for, the package set has ${(find each).version}"
  ) (builtins.filter differs requirements);
}
