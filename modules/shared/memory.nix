# Bytes in a text such as "12GiB".
{ lib }:
let
  units = {
    MiB = 1048576;
    GiB = 1073741824;
    TiB = 1099511627776;
  };
in
text:
let
  parts = builtins.match "([0-9]+)([A-Za-z]+)" text;
in
lib.toIntBase10 (builtins.elemAt parts 0) * units.${builtins.elemAt parts 1}
