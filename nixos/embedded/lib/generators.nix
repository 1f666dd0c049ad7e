# nixpkgs' lib.generators: configuration files from attribute sets.
{ strings, attrsets }:
rec {
  mkValueStringDefault =
    _: value:
    if builtins.isBool value then
      (if value then "true" else "false")
    else if value == null then
      "null"
    else if builtins.isList value || (builtins.isAttrs value && !attrsets.isDerivation value) then
      throw "generators.mkValueStringDefault: this value can not be written: ${builtins.toJSON value}"
    else
      toString value;
  mkKeyValueDefault =
    {
      mkValueString ? mkValueStringDefault { },
    }:
    separator: key: value:
    "${strings.escape [ separator ] key}${separator}${mkValueString value}";

  toKeyValue =
    {
      mkKeyValue ? mkKeyValueDefault { } "=",
      listsAsDuplicateKeys ? false,
      indent ? "",
    }:
    set:
    let
      line = key: value: "${indent}${mkKeyValue key value}\n";
      lines = key: value: if listsAsDuplicateKeys && builtins.isList value then map (line key) value else [ (line key value) ];
    in
    strings.concatStrings (builtins.concatLists (attrsets.mapAttrsToList lines set));

  toINI =
    {
      mkSectionName ? (name: strings.escape [ "[" "]" ] name),
      mkKeyValue ? mkKeyValueDefault { } "=",
      listsAsDuplicateKeys ? false,
    }:
    sections:
    strings.concatStringsSep "\n" (
      attrsets.mapAttrsToList (
        name: section: "[${mkSectionName name}]\n${toKeyValue { inherit mkKeyValue listsAsDuplicateKeys; } section}"
      ) sections
    );

  toJSON = { }: builtins.toJSON;
  # JSON is YAML.
  toYAML = toJSON;
}
