# nixpkgs' lib.fileset. Here a file set is a predicate over files: { _type = "fileset"; has = path: bool; }.
{ strings }:
let
  make = has: {
    _type = "fileset";
    inherit has;
  };
  isSet = value: value._type or null == "fileset";
  under = folder: path: path == folder || strings.hasPrefix "${folder}/" path;

  coerce =
    value:
    if isSet value then
      value
    else if !(builtins.isPath value) then
      throw "lib.fileset: ${builtins.typeOf value} is neither a path nor a file set"
    else if !(builtins.pathExists value) then
      throw "lib.fileset: ${toString value} does not exist; use lib.fileset.maybeMissing if that is meant"
    else
      make (under (toString value));

  combine =
    operator: left: right:
    let
      one = coerce left;
      two = coerce right;
    in
    make (path: operator (one.has path) (two.has path));

  # A folder is taken when a file in it is: empty folders are left out.
  holds =
    set: path:
    let
      entries = builtins.readDir path;
      has =
        name:
        if entries.${name} == "directory" then holds set "${path}/${name}" else set.has "${path}/${name}";
    in
    builtins.any has (builtins.attrNames entries);
in
{
  maybeMissing = path: make (under (toString path));
  union = combine (one: two: one || two);
  intersection = combine (one: two: one && two);
  difference = combine (one: two: one && !two);
  unions = values: make (path: builtins.any (set: set.has path) (map coerce values));
  fileFilter =
    predicate: folder:
    make (
      path:
      let
        name = builtins.baseNameOf path;
      in
      under (toString folder) path
      && predicate {
        inherit name;
        type = "regular";
        hasExt = extension: strings.hasSuffix ".${extension}" name;
      }
    );
  toSource =
    { root, fileset }:
    let
      set = coerce fileset;
      outPath = builtins.path {
        path = root;
        name = "source";
        filter = path: type: if type == "directory" then holds set path else set.has path;
      };
    in
    {
      inherit outPath;
      origSrc = root;
    };
  isFileset = isSet;
}
