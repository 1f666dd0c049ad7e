{ lib, writeText }:
# Files from the network by their hash, fetched by Nix itself: no curl, no mirrors, no postFetch.
{
  url ? null,
  urls ? [ ],
  name ? "",
  pname ? "",
  version ? "",
  hash ? "",
  sha256 ? "",
  sha512 ? "",
  sha1 ? "",
  executable ? false,
  passthru ? { },
  meta ? { },
  ...
}@arguments:
let
  from = if url != null then url else if urls != [ ] then builtins.head urls else throw "fetchurl needs a `url`";
  given = builtins.filter (each: each != "") [ hash sha256 sha512 sha1 ];
  algorithm = if sha512 != "" then "sha512" else if sha1 != "" then "sha1" else "sha256";
  named =
    if name != "" then
      name
    else if pname != "" && version != "" then
      "${pname}-${version}"
    else
      lib.strings.sanitizeDerivationName (builtins.baseNameOf from);
  unsupported = builtins.filter (each: arguments ? ${each}) [
    "postFetch"
    "recursiveHash"
    "downloadToTemp"
  ];
in
if unsupported != [ ] then
  throw "fetchurl of the embedded package set has no `${builtins.head unsupported}`"
else if given == [ ] then
  throw "fetchurl needs a `hash` for ${from}"
else
  import <nix/fetchurl.nix> (
    {
      url = from;
      name = named;
      inherit executable;
    }
    // (
      if hash != "" then
        { inherit hash; }
      else
        {
          outputHash = builtins.head given;
          outputHashAlgo = algorithm;
        }
    )
  )
  // {
    url = from;
    inherit meta passthru;
  }
  // passthru
