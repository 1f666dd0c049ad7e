# Types of options, by the same rules as the contract's schemas: what a machine is set up with is right before it runs.
{ lib }:
let
  inherit (lib) types;
  text = description: pattern: types.strMatching pattern // { inherit description; };
  v4 = "[0-9]{1,3}(\\.[0-9]{1,3}){3}";
  v6 = "[0-9a-fA-F:]*:[0-9a-fA-F:.]*";
in
{
  origin = text "http or https URL without a path" "https?://([A-Za-z0-9._-]+|\\[${v6}])(:[0-9]{1,5})?";
  url = text "http or https URL" "https?://[^[:space:]]+";
  hostPort = text "host:port" "([A-Za-z0-9._-]+|\\[${v6}]):[0-9]{1,5}";
  address = text "IPv4 or IPv6 address" "${v4}|${v6}";
  addressRange = text "address, or range of addresses" "${v4}(/[0-9]{1,2})?|${v6}(/[0-9]{1,3})?";
  domain = text "domain" "[a-z0-9-]+(\\.[a-z0-9-]+)*";
  email = text "e-mail address" "[^@[:space:]]+@[^@[:space:]]+";

  workerName = text "1 to 63 lower-case letters, digits and hyphens" "[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?";
  platformKey = text "key of 43 characters in base64url" "[A-Za-z0-9_-]{43}";
  cacheKey = text "name:key in base64" "[^:[:space:]]+:[A-Za-z0-9+/]{43}=";
  memory = text "amount of memory in MiB, GiB or TiB" "[1-9][0-9]*(MiB|GiB|TiB)";

  role = types.enum [
    "services"
    "builder"
    "ingress"
  ];

  # Environment variables of a program. Null: it is not set.
  settings = types.submodule {
    freeformType = types.attrsOf (
      types.nullOr (
        types.oneOf [
          types.str
          types.int
          types.float
          types.bool
        ]
      )
    );
  };
}
