# Settings as systemd takes them in `environment`.
{ lib }:
let
  textOf = value: if builtins.isBool value then lib.boolToString value else toString value;
in
settings: lib.mapAttrs (_: textOf) (lib.filterAttrs (_: value: value != null) settings)
