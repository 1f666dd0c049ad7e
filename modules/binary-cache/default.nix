# The platform's binary cache as a substituter of this machine: what was built once for the fleet is downloaded here.
{
  config,
  lib,
  ...
}:
let
  cfg = config.services.skypanel.binaryCache;
  inherit (lib) mkOption types;
  ours = import ../shared/types.nix { inherit lib; };
  inherit (import ../shared/secrets.nix { inherit lib; }) mkSecretFile notInStore;
in
{
  options.services.skypanel.binaryCache = {
    enable = mkOption {
      type = types.bool;
      default = false;
      description = "Whether Nix on this machine downloads from the platform's binary cache what is there.";
    };

    url = mkOption {
      type = ours.url;
      example = "https://panel.example.com/cache";
      description = "Where the cache is: the platform's URL with `/cache` behind it.";
    };

    publicKeys = mkOption {
      type = types.nonEmptyListOf ours.cacheKey;
      example = [ "skypanel-1:4rUfUy0hZs3XbzXrSJCX5hG+Dyt3SkTJYIbcGfnoWKI=" ];
      description = ''
        The keys that the platform signs with, as `skypanel cache keys` lists them: all that are not retired. Nix takes
        nothing that none of them has signed. While one takes another's place both belong here.
      '';
    };

    netrcFile = mkSecretFile {
      example = "/var/lib/secrets/skypanel-netrc";
      description = ''
        File with the credentials for the cache, in the form of netrc(5):
        `machine panel.example.com login cache password <password>`. docs/nixos.md says where the password comes from.
      '';
    };
  };

  config = lib.mkIf cfg.enable {
    nix.settings = {
      substituters = [ cfg.url ];
      trusted-public-keys = cfg.publicKeys;
      netrc-file = lib.mkIf (cfg.netrcFile != null) cfg.netrcFile;
    };
    assertions = notInStore { "services.skypanel.binaryCache.netrcFile" = cfg.netrcFile; };
  };
}
