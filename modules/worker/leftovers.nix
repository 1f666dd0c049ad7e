# What outlives an agent on purpose, its proxy and the packet filter's rules, ends when this machine is no worker any
# more: when the module is taken out of the configuration, or a configuration without it is gone back to.
{
  config,
  lib,
  pkgs,
  ...
}:
let
  cfg = config.services.skypanel.worker;
  hardened = import ../shared/hardening.nix;
in
{
  config = lib.mkIf cfg.enable {
    systemd.services.skypanel-leftovers = {
      description = "What outlives SkyPanel's agent ends with the worker";
      wantedBy = [ "multi-user.target" ];
      # Units stop in the order opposite to their start: the agent is gone when this one ends.
      before = [ "skypanel-agent.service" ];
      # A change of this unit is no end of the worker.
      restartIfChanged = false;
      path = [ pkgs.iptables ];
      preStop = builtins.readFile ./leftovers.sh;
      serviceConfig = hardened // {
        Type = "oneshot";
        RemainAfterExit = true;
        ExecStart = lib.getExe' pkgs.coreutils "true";
        # The packet filter's rules, and how they are asked for.
        CapabilityBoundingSet = [ "CAP_NET_ADMIN" ];
        RestrictAddressFamilies = hardened.RestrictAddressFamilies ++ [ "AF_NETLINK" ];
        # It ends the processes of another unit through their control group.
        ProtectControlGroups = false;
      };
    };
  };
}
