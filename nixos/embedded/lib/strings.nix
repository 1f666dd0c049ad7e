lists: rec {
  inherit (builtins)
    stringLength
    substring
    replaceStrings
    concatStringsSep
    isString
    match
    split
    splitVersion
    compareVersions
    parseDrvName
    unsafeDiscardStringContext
    fromTOML
    toJSON
    fromJSON
    toString
    ;

  concatStrings = concatStringsSep "";
  concatMapStrings = function: values: concatStrings (map function values);
  concatMapStringsSep =
    separator: function: values:
    concatStringsSep separator (map function values);
  concatImapStringsSep =
    separator: function: values:
    concatStringsSep separator (lists.imap1 function values);
  concatImapStrings = concatImapStringsSep "";
  replaceString = from: to: replaceStrings [ from ] [ to ];
  concatLines = concatMapStrings (line: "${line}\n");
  intersperse =
    separator: values:
    lists.concatLists (
      lists.imap0 (index: value: if index == 0 then [ value ] else [ separator value ]) values
    );
  join = concatStringsSep;
  replicate = count: text: concatStrings (lists.replicate count text);

  optionalString = condition: text: if condition then text else "";
  hasPrefix = prefix: text: substring 0 (stringLength prefix) text == prefix;
  hasSuffix =
    suffix: text:
    let
      start = stringLength text - stringLength suffix;
    in
    start >= 0 && substring start (-1) text == suffix;
  hasInfix = infix: text: builtins.length (split (escapeRegex infix) text) > 1;
  removePrefix =
    prefix: text: if hasPrefix prefix text then substring (stringLength prefix) (-1) text else text;
  removeSuffix =
    suffix: text:
    if hasSuffix suffix text then substring 0 (stringLength text - stringLength suffix) text else text;
  stringToCharacters = text: builtins.genList (index: substring index 1 text) (stringLength text);
  stringAsChars = function: text: concatStrings (map function (stringToCharacters text));
  splitString =
    separator: text:
    map (part: addContextFrom text part) (
      builtins.filter isString (split (escapeRegex separator) (unsafeDiscardStringContext (toString text)))
    );
  addContextFrom = source: target: substring 0 0 source + target;

  lowerLetters = stringToCharacters "abcdefghijklmnopqrstuvwxyz";
  upperLetters = stringToCharacters "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
  lowerChars = lowerLetters;
  upperChars = upperLetters;
  toLower = replaceStrings upperLetters lowerLetters;
  toUpper = replaceStrings lowerLetters upperLetters;
  toSentenceCase = text: toUpper (substring 0 1 text) + toLower (substring 1 (-1) text);
  trim =
    text:
    let
      found = match "[ \t\r\n]*(.*[^ \t\r\n])[ \t\r\n]*" text;
    in
    if found == null then "" else builtins.head found;

  escape = characters: replaceStrings characters (map (character: "\\${character}") characters);
  escapeRegex = escape (stringToCharacters "\\[{()^$?*+|.");
  escapeShellArg =
    value:
    let
      text = toString value;
    in
    if match "[[:alnum:],._+:@%/-]+" text != null then text else "'${replaceStrings [ "'" ] [ "'\\''" ] text}'";
  escapeShellArgs = concatMapStringsSep " " escapeShellArg;
  escapeNixString = text: escape [ "$" ] (toJSON text);
  escapeNixIdentifier =
    text: if match "[a-zA-Z_][a-zA-Z0-9_'-]*" text != null then text else escapeNixString text;
  toShellVar =
    name: value: if builtins.isBool value then "${name}=${optionalString value "1"}" else "${name}=${escapeShellArg value}";
  toShellVars = values: concatStringsSep "\n" (builtins.attrValues (builtins.mapAttrs toShellVar values));

  makeSearchPath =
    folder: paths:
    concatStringsSep ":" (map (path: "${path}/${folder}") (builtins.filter (path: path != null) paths));
  outputOf = output: package: if package ? ${output} && !(package.outputSpecified or false) then package.${output} else package;
  getOutput = outputOf;
  getBin = outputOf "bin";
  getLib = outputOf "lib";
  getDev = outputOf "dev";
  makeSearchPathOutput =
    output: folder: packages:
    makeSearchPath folder (map (outputOf output) packages);
  makeBinPath = makeSearchPathOutput "bin" "bin";
  makeLibraryPath = makeSearchPathOutput "lib" "lib";

  toInt =
    text:
    let
      found = match "[[:space:]]*(-?[[:digit:]]+)[[:space:]]*" text;
    in
    if found == null then throw "toInt: Could not convert ${toJSON text} to int." else fromJSON (builtins.head found);
  fixedWidthString =
    width: filler: text:
    if stringLength text >= width then text else fixedWidthString width filler (filler + text);
  fixedWidthNumber = width: number: fixedWidthString width "0" (toString number);
  isStringLike = value: isString value || builtins.isPath value || value ? outPath || value ? __toString;
  isStorePath = value: isStringLike value && hasPrefix builtins.storeDir (toString value);
  nameFromURL =
    url: separator:
    let
      file = lists.last (splitString "/" url);
    in
    builtins.head (splitString separator file);
  getName = value: if isString value then (parseDrvName value).name else value.pname or (parseDrvName value.name).name;
  getVersion =
    value: if isString value then (parseDrvName value).version else value.version or (parseDrvName value.name).version;
  sanitizeDerivationName =
    text:
    let
      clean = concatMapStrings (part: if builtins.isList part then "-" else part) (
        split "[^[:alnum:]+._?=-]+" (unsafeDiscardStringContext (toString text))
      );
      short = substring 0 207 (removeLeadingDots clean);
    in
    if short == "" then "unknown" else short;
  removeLeadingDots = text: if hasPrefix "." text then removeLeadingDots (substring 1 (-1) text) else text;
  fileContents = path: removeSuffix "\n" (builtins.readFile path);
  commonPrefixLength =
    left: right:
    let
      go = index: if index < stringLength left && substring index 1 left == substring index 1 right then go (index + 1) else index;
    in
    go 0;
  # Debian's `epoch:upstream-revision` without epoch and revision.
  versionOf =
    text:
    let
      plain = lists.last (splitString ":" text);
      parts = splitString "-" plain;
      upstream = if builtins.length parts == 1 then plain else concatStringsSep "-" (lists.init parts);
    in
    builtins.head (match "([0-9A-Za-z.]+).*" upstream);
}
