lists: rec {
  inherit (builtins)
    attrNames
    attrValues
    isAttrs
    listToAttrs
    intersectAttrs
    removeAttrs
    mapAttrs
    getAttr
    hasAttr
    catAttrs
    zipAttrsWith
    ;

  nameValuePair = name: value: { inherit name value; };
  optionalAttrs = condition: set: if condition then set else { };
  genAttrs =
    names: function:
    listToAttrs (map (name: nameValuePair name (function name)) names);
  mapAttrsToList = function: set: map (name: function name set.${name}) (attrNames set);
  mapAttrs' = function: set: listToAttrs (mapAttrsToList function set);
  attrsToList = mapAttrsToList nameValuePair;
  concatMapAttrs = function: set: lists.foldl' (all: more: all // more) { } (mapAttrsToList function set);
  concatMapAttrsStringSep =
    separator: function: set:
    builtins.concatStringsSep separator (mapAttrsToList function set);
  filterAttrs =
    predicate: set: removeAttrs set (builtins.filter (name: !(predicate name set.${name})) (attrNames set));
  filterAttrsRecursive =
    predicate: set:
    mapAttrs (_: value: if isAttrs value then filterAttrsRecursive predicate value else value) (
      filterAttrs predicate set
    );
  foldlAttrs =
    function: initial: set:
    lists.foldl' (result: name: function result name set.${name}) initial (attrNames set);
  getAttrs = names: set: genAttrs names (name: set.${name});
  isDerivation = value: value.type or null == "derivation";
  recurseIntoAttrs = set: set // { recurseForDerivations = true; };
  dontRecurseIntoAttrs = set: set // { recurseForDerivations = false; };
  mergeAttrsList = lists.foldl' (all: more: all // more) { };
  attrByPath =
    path: default: set:
    if path == [ ] then
      set
    else if isAttrs set && set ? ${builtins.head path} then
      attrByPath (builtins.tail path) default set.${builtins.head path}
    else
      default;
  hasAttrByPath =
    path: set:
    path == [ ]
    || (isAttrs set && set ? ${builtins.head path} && hasAttrByPath (builtins.tail path) set.${builtins.head path});
  getAttrFromPath =
    path: attrByPath path (throw "cannot find attribute '${builtins.concatStringsSep "." path}'");
  setAttrByPath =
    path: value:
    if path == [ ] then value else { ${builtins.head path} = setAttrByPath (builtins.tail path) value; };
  recursiveUpdateUntil =
    stop: left: right:
    let
      merge =
        path:
        zipAttrsWith (
          name: values:
          let
            here = path ++ [ name ];
          in
          if builtins.length values == 1 || stop here (lists.last values) (builtins.head values) then
            builtins.head values
          else
            merge here values
        );
    in
    merge [ ] [
      right
      left
    ];
  recursiveUpdate = recursiveUpdateUntil (
    _: left: right:
    !(isAttrs left && isAttrs right)
  );
  mapAttrsRecursive =
    function:
    let
      visit =
        path:
        mapAttrs (
          name: value: if isAttrs value then visit (path ++ [ name ]) value else function (path ++ [ name ]) value
        );
    in
    visit [ ];
  collect =
    predicate: value:
    if predicate value then
      [ value ]
    else if isAttrs value then
      builtins.concatMap (collect predicate) (attrValues value)
    else
      [ ];
  zipAttrs = zipAttrsWith (_: values: values);
  foldAttrs =
    function: initial: sets:
    mapAttrs (_: lists.foldr function initial) (zipAttrs sets);
  cartesianProduct =
    set:
    lists.foldl' (
      all: name: builtins.concatMap (each: map (value: each // { ${name} = value; }) set.${name}) all
    ) [ { } ] (attrNames set);
  toDerivation = path: {
    type = "derivation";
    name = builtins.baseNameOf path;
    outPath = builtins.storePath path;
  };
  attrVals = names: set: map (name: set.${name}) names;
  genAttrs' = values: function: listToAttrs (map function values);
  mapCartesianProduct = function: set: map function (cartesianProduct set);
}
