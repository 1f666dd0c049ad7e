# Names like the one that is not there, for an error that helps: equal but for separators, or one inside the other.
{ lib }:
name: names:
let
  plain = text: builtins.replaceStrings [ "-" "_" "." ] [ "" "" "" ] (lib.toLower text);
  wanted = plain name;
  start = builtins.substring 0 4 wanted;
  isNear =
    each:
    let
      other = plain each;
    in
    other == wanted
    || lib.hasInfix wanted other
    || (builtins.stringLength other > 3 && lib.hasInfix other wanted)
    || (builtins.stringLength wanted > 3 && lib.hasPrefix start other);
  near = lib.take 5 (builtins.filter isNear names);
in
if near == [ ] then "" else "; near it: ${lib.concatStringsSep ", " near}"
