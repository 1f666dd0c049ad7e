# After the machine's start its engine starts containers whether an agent runs or not: the rules that keep them apart are
# there before.
{
  config,
  lib,
  pkgs,
  ...
}:
let
  cfg = config.services.skypanel.worker;
  hardened = import ../shared/hardening.nix;
  keepsRules = lib.elem "services" cfg.roles && cfg.settings.SKYPANEL_FIREWALL == "auto";
  bootRules = pkgs.writeShellScript "skypanel-boot-rules" (builtins.readFile ./boot-rules.sh);
in
{
  config = lib.mkIf (cfg.enable && keepsRules) {
    systemd.services.skypanel-firewall = {
      description = "What keeps SkyPanel's containers apart, before the first of them starts";
      # With the engine, whatever it is that starts it.
      wantedBy = [ "docker.service" ];
      before = [ "docker.service" ];
      # Programs that empty the packet filter when they start.
      after = [
        "firewall.service"
        "nftables.service"
      ];
      path = [
        pkgs.gnugrep
        pkgs.iptables
      ];
      serviceConfig = hardened // {
        Type = "oneshot";
        RemainAfterExit = true;
        ExecStart = "${bootRules} ${cfg.settings.SKYPANEL_DATA}";
        # The packet filter's rules, and how they are asked for.
        CapabilityBoundingSet = [
          "CAP_NET_ADMIN"
          "CAP_NET_RAW"
        ];
        RestrictAddressFamilies = hardened.RestrictAddressFamilies ++ [ "AF_NETLINK" ];
      };
    };
  };
}
