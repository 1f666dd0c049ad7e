# Who reaches the worker's proxy: visitors where it takes them, else only the proxies of other workers and the platform.
{
  config,
  lib,
  ...
}:
let
  cfg = config.services.skypanel.worker;
  isIngress = lib.elem "ingress" cfg.roles;
in
{
  config = lib.mkIf (cfg.enable && cfg.openFirewall) {
    networking.firewall = lib.mkMerge [
      (lib.mkIf isIngress { allowedTCPPorts = [ cfg.endpoint.port ]; })
      (lib.mkIf (!isIngress && lib.elem "services" cfg.roles && cfg.peers != [ ]) (
        import ../shared/peers-firewall.nix
          {
            inherit lib;
            nftables = config.networking.nftables.enable;
          }
          {
            inherit (cfg) peers;
            tcp = [ cfg.endpoint.port ];
          }
      ))
    ];
  };
}
