# The part of nixpkgs' `lib` that expressions for services use, with nixpkgs' names and meanings.
let
  trivial = import ./trivial.nix;
  lists = import ./lists.nix;
  strings = import ./strings.nix lists;
  attrsets = import ./attrsets.nix lists;
  meta = import ./meta.nix { inherit strings attrsets; };
  customisation = import ./customisation.nix attrsets;
  sources = import ./sources.nix { inherit strings; };
  fileset = import ./fileset.nix { inherit strings; };
  generators = import ./generators.nix { inherit strings attrsets; };

  # Of the parts, not of `lib` itself: what nixpkgs does not have there would only work here.
  hidden = [
    "argumentsOf"
    "commonPrefixLength"
    "escapeNixIdentifier"
    "escapeNixString"
    "firstParts"
    "isFunctionLike"
    "lowerLetters"
    "outputOf"
    "platformLists"
    "removeLeadingDots"
    "sanitizeDerivationName"
    "upperLetters"
    "versionOf"
  ];
in
removeAttrs (
  trivial
  // lists
  // strings
  // attrsets
  // meta
  // customisation
  // sources
) hidden
// {
  inherit
    trivial
    lists
    strings
    attrsets
    meta
    customisation
    sources
    fileset
    generators
    ;
  inherit (meta) licenses;
  inherit (lists) replicate;
  platforms = meta.platformLists;
  maintainers = { };
  teams = { };
}
