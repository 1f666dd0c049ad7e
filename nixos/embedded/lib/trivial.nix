rec {
  inherit (builtins)
    isInt
    isFloat
    isBool
    isFunction
    fromJSON
    toJSON
    readFile
    pathExists
    readDir
    seq
    deepSeq
    lessThan
    add
    sub
    bitAnd
    bitOr
    bitXor
    functionArgs
    genericClosure
    baseNameOf
    dirOf
    typeOf
    tryEval
    trace
    isPath
    hashString
    hashFile
    mul
    div
    ceil
    floor
    ;

  id = value: value;
  const = value: _: value;
  pipe = builtins.foldl' (value: function: function value);
  concat = left: right: left ++ right;
  flip =
    function: left: right:
    function right left;
  or = left: right: left || right;
  and = left: right: left && right;
  boolToString = value: if value then "true" else "false";
  mergeAttrs = left: right: left // right;
  mapNullable = function: value: if value == null then null else function value;
  defaultTo = default: value: if value == null then default else value;
  min = left: right: if left < right then left else right;
  max = left: right: if left > right then left else right;
  mod = base: divisor: base - divisor * (base / divisor);
  importJSON = path: builtins.fromJSON (builtins.readFile path);
  importTOML = path: builtins.fromTOML (builtins.readFile path);
  warn = message: value: builtins.trace "evaluation warning: ${message}" value;
  warnIf = condition: message: if condition then warn message else id;
  warnIfNot = condition: warnIf (!condition);
  throwIf = condition: message: if condition then throw message else id;
  throwIfNot = condition: throwIf (!condition);
  assertMsg = condition: message: condition || throw message;
  isFunctionLike = value: builtins.isFunction value || (value ? __functor);
  toFunction = value: if isFunctionLike value then value else _: value;

  inPureEvalMode = !(builtins ? currentSystem);
  version = "26.05-embedded";
  versions = {
    majorMinor = text: builtins.concatStringsSep "." (firstParts 2 text);
    major = text: builtins.head (builtins.splitVersion text);
  };
  firstParts =
    count: text:
    let
      parts = builtins.splitVersion text;
    in
    builtins.genList (builtins.elemAt parts) (min count (builtins.length parts));
  versionOlder = left: right: builtins.compareVersions right left == 1;
  versionAtLeast = left: right: !(versionOlder left right);

  fix =
    function:
    let
      result = function result;
    in
    result;
  extends =
    overlay: function: final:
    let
      previous = function final;
    in
    previous // overlay final previous;
  xor = left: right: (!left) != (!right);
  traceVal = value: builtins.trace value value;
  traceValFn = function: value: builtins.trace (function value) value;
  traceIf = condition: message: value: if condition then builtins.trace message value else value;
  traceSeq = shown: value: builtins.trace (builtins.deepSeq shown shown) value;
  fakeHash = "sha256-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
  fakeSha256 = "0000000000000000000000000000000000000000000000000000000000000000";
  makeExtensible =
    function:
    fix function
    // {
      extend = overlay: makeExtensible (extends overlay function);
    };
  composeManyExtensions = builtins.foldl' composeExtensions (_: _: { });
  composeExtensions =
    first: second: final: previous:
    let
      one = first final previous;
    in
    one // second final (previous // one);
}
