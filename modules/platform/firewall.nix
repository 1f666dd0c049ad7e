{
  config,
  lib,
  ...
}:
let
  cfg = config.services.skypanel.platform;
  isLoopback = lib.hasPrefix "127." cfg.host || cfg.host == "::1";
in
{
  config = lib.mkIf (cfg.enable && cfg.openFirewall && !isLoopback) {
    networking.firewall.allowedTCPPorts = [ cfg.port ];
  };
}
