# The platform talks to the Docker Engine of its own machine, which is the Swarm's manager.
{
  config,
  lib,
  ...
}:
let
  cfg = config.services.skypanel.platform;
in
{
  config = lib.mkIf cfg.enable {
    services.skypanel.engine = {
      enable = true;
      manager = true;
      inherit (cfg) peers openFirewall;
    };
  };
}
