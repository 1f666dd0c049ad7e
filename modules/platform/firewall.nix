{
  config,
  lib,
  ...
}:
let
  cfg = config.services.skypanel.platform;
  isLoopback = import ../shared/loopback.nix { inherit lib; };
in
{
  config = lib.mkIf (cfg.enable && cfg.openFirewall && !(isLoopback cfg.host)) {
    networking.firewall.allowedTCPPorts = [ cfg.port ];
  };
}
