# The platform's cache as a substituter.
{ machine, check, ... }:
let
  cache = {
    enable = true;
    url = "https://panel.example.com/cache";
    publicKeys = [
      "skypanel-2:j0GCXxOPKc5uLqpJhSmZxG7n4mZAN0aNTC9XLxTVLsw="
      "skypanel-1:4rUfUy0hZs3XbzXrSJCX5hG+Dyt3SkTJYIbcGfnoWKI="
    ];
  };
  settingsOf = more: (machine [ { services.skypanel.binaryCache = cache // more; } ]).nix.settings;
in
[
  (check "Nix downloads from the cache what its keys have signed, with credentials from a file"
    (settingsOf { netrcFile = "/var/lib/secrets/netrc"; })
    {
      netrc-file = "/var/lib/secrets/netrc";
      substituters = [ "https://panel.example.com/cache" ];
      trusted-public-keys = cache.publicKeys;
    }
  )
  (check "without credentials no file is named" (settingsOf { } ? netrc-file) false)
  (check "Nix is left alone unless it is enabled" (settingsOf { enable = false; }) { })
]
