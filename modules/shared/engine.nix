# The Docker Engine of a machine of the fleet, part of one Swarm with those of all others. The modules of platform and
# worker set it up with this; a machine may be both.
{
  config,
  lib,
  ...
}:
let
  cfg = config.services.skypanel.engine;
  firewall = config.networking.firewall;
  nftables = config.networking.nftables;
  bridges = [
    "docker0"
    "docker_gwbridge"
  ];
in
{
  options.services.skypanel.engine = {
    enable = lib.mkOption {
      type = lib.types.bool;
      default = false;
      internal = true;
      description = "Whether this machine's Docker Engine is one of the fleet's.";
    };
    manager = lib.mkOption {
      type = lib.types.bool;
      default = false;
      internal = true;
      description = "Whether it is the Swarm's manager, which the others join.";
    };
    peers = lib.mkOption {
      type = lib.types.listOf (import ./types.nix { inherit lib; }).addressRange;
      default = [ ];
      internal = true;
      description = "Addresses of the fleet's other machines.";
    };
    openFirewall = lib.mkOption {
      type = lib.types.bool;
      default = false;
      internal = true;
      description = "Whether the Swarm's ports are opened to the peers.";
    };
  };

  config = lib.mkIf cfg.enable {
    virtualisation.docker = {
      enable = true;
      # Started with the machine: what ran before a reboot runs again without anybody's asking.
      enableOnBoot = true;
      # Logs are read through the engine; journald would keep them in the machine's own log, without a limit for each.
      logDriver = "json-file";
      daemon.settings = {
        log-opts = {
          max-size = "10m";
          max-file = "3";
        };
        # Swarm refuses to run with it.
        live-restore = false;
        # A program that is started in a container never gets more rights than the container has.
        no-new-privileges = true;
        # Containers on the default bridge do not reach each other.
        icc = false;
      };
    };

    boot = {
      # What the engine needs for overlay networks. Loaded in advance: services of ours may not load modules.
      kernelModules = [
        "bridge"
        "br_netfilter"
        "overlay"
        "veth"
        "vxlan"
      ];
      # Packets between containers on one bridge pass the packet filter too: the agent's rules keep them apart.
      kernel.sysctl = {
        "net.bridge.bridge-nf-call-iptables" = 1;
        "net.bridge.bridge-nf-call-ip6tables" = 1;
      };
    };

    # 2377: joining and orders, from the manager only. 7946: gossip. 4789: the overlays' data; whoever may send to it can
    # write into every organization's network, so that it is never open to others.
    networking.firewall = lib.mkIf (cfg.openFirewall && cfg.peers != [ ]) (
      import ./peers-firewall.nix
        {
          inherit lib;
          nftables = nftables.enable;
        }
        {
          inherit (cfg) peers;
          tcp = lib.optional cfg.manager 2377 ++ [ 7946 ];
          udp = [
            4789
            7946
          ];
        }
    );

    assertions = [
      {
        assertion = config.virtualisation.docker.daemon.settings.live-restore == false;
        message = ''
          virtualisation.docker.daemon.settings.live-restore is on, and Docker Swarm does not run with it. Leave it off:
          services are moved to other workers before an engine is restarted.
        '';
      }
      {
        assertion = lib.intersectLists bridges firewall.trustedInterfaces == [ ];
        message = ''
          networking.firewall.trustedInterfaces has a bridge of the Docker Engine in it: every customer's container could
          reach every port of this machine. Take docker0 and docker_gwbridge out.
        '';
      }
      {
        assertion = cfg.openFirewall -> firewall.enable;
        message = ''
          networking.firewall.enable is off, so that the Swarm's ports are open to everybody: who reaches 4789/udp can write
          into the networks of all customers. Turn it on; or, where another firewall stands before this machine, set
          openFirewall of the services.skypanel modules to false.
        '';
      }
      {
        assertion = nftables.enable -> !nftables.flushRuleset;
        message = ''
          networking.nftables.flushRuleset is on: each reload of the firewall would take away the rules of the Docker Engine
          and those that keep customers apart. Set it to false.
        '';
      }
    ];
  };
}
