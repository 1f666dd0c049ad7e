# The part of nixpkgs' `lib` that expressions for services use, with nixpkgs' names and meanings.
let
  trivial = import ./trivial.nix;
  lists = import ./lists.nix;
  strings = import ./strings.nix lists;
  attrsets = import ./attrsets.nix lists;
  meta = import ./meta.nix { inherit strings attrsets; };
  customisation = import ./customisation.nix attrsets;
  sources = import ./sources.nix { inherit strings; };
in
trivial
// lists
// strings
// attrsets
// meta
// customisation
// sources
// {
  inherit
    trivial
    lists
    strings
    attrsets
    meta
    customisation
    sources
    ;
  inherit (meta) licenses;
  platforms = meta.platformLists;
  maintainers = { };
  teams = { };
}
