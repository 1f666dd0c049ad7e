# Openings of the machine's firewall: only what is needed, and only towards whom it is needed.
{
  lib,
  machine,
  samples,
  check,
  ...
}:
let
  openings =
    modules:
    let
      inherit (machine modules) networking;
    in
    {
      ports = networking.firewall.allowedTCPPorts;
      iptables = lib.filter (line: line != "") (lib.splitString "\n" networking.firewall.extraCommands);
      nftables = lib.filter (line: line != "") (lib.splitString "\n" networking.firewall.extraInputRules);
    };
  none = {
    ports = [ ];
    iptables = [ ];
    nftables = [ ];
  };
  onNftables.networking.nftables.enable = true;
  bootRules = (machine [ samples.worker ]).systemd.services.skypanel-firewall;
  withWorker = more: { services.skypanel.worker = more; };
in
[
  (check "an ingress worker: its proxy to everybody, the Swarm to peers" (openings [ samples.worker ]) (
    none
    // {
      ports = [ 80 ];
      iptables = [
        "iptables -A nixos-fw -s 10.0.0.0/24 -p tcp -m multiport --dports 7946 -j nixos-fw-accept"
        "iptables -A nixos-fw -s 10.0.0.0/24 -p udp -m multiport --dports 4789,7946 -j nixos-fw-accept"
        "ip6tables -A nixos-fw -s 2001:db8:7::/64 -p tcp -m multiport --dports 7946 -j nixos-fw-accept"
        "ip6tables -A nixos-fw -s 2001:db8:7::/64 -p udp -m multiport --dports 4789,7946 -j nixos-fw-accept"
      ];
    }
  ))
  (check "the same with nftables" (openings [ samples.worker onNftables ]) (
    none
    // {
      ports = [ 80 ];
      nftables = [
        "ip saddr 10.0.0.0/24 tcp dport { 7946 } accept"
        "ip saddr 10.0.0.0/24 udp dport { 4789, 7946 } accept"
        "ip6 saddr 2001:db8:7::/64 tcp dport { 7946 } accept"
        "ip6 saddr 2001:db8:7::/64 udp dport { 4789, 7946 } accept"
      ];
    }
  ))
  (check "a worker that takes no visitors: its proxy to peers only"
    (openings [
      samples.worker
      (withWorker {
        roles = [ "services" ];
        peers = lib.mkForce [ "10.0.0.2" ];
        endpoint.port = 8000;
      })
    ])
    (
      none
      // {
        iptables = [
          "iptables -A nixos-fw -s 10.0.0.2 -p tcp -m multiport --dports 8000 -j nixos-fw-accept"
          "iptables -A nixos-fw -s 10.0.0.2 -p tcp -m multiport --dports 7946 -j nixos-fw-accept"
          "iptables -A nixos-fw -s 10.0.0.2 -p udp -m multiport --dports 4789,7946 -j nixos-fw-accept"
        ];
      }
    )
  )
  (check "no peers, no openings but the visitors'" (openings [ samples.worker (withWorker { peers = lib.mkForce [ ]; }) ]) (
    none // { ports = [ 80 ]; }
  ))
  (check "a builder opens nothing" (openings [ samples.builder ]) none)
  (check "nothing is opened where another firewall does it"
    (openings [ samples.worker (withWorker { openFirewall = false; }) ])
    none
  )
  (check "a control plane behind a proxy for TLS: the Swarm to its workers, joining among it" (openings [ samples.platform ]) (
    none
    // {
      iptables = [
        "iptables -A nixos-fw -s 10.0.0.0/24 -p tcp -m multiport --dports 2377,7946 -j nixos-fw-accept"
        "iptables -A nixos-fw -s 10.0.0.0/24 -p udp -m multiport --dports 4789,7946 -j nixos-fw-accept"
      ];
    }
  ))
  (check "a control plane that is reached directly"
    (openings [ samples.platform { services.skypanel.platform.host = "0.0.0.0"; } ]).ports
    [ 8080 ]
  )
  (check "a machine that is both names each peer once"
    (lib.length (openings [ samples.platform samples.worker ]).iptables)
    4
  )
  (check "the rules of before are in force before the engine starts, whatever starts it; it starts without them as well"
    {
      inherit (bootRules) wantedBy before;
      inherit (bootRules.serviceConfig) Type RemainAfterExit CapabilityBoundingSet;
      reads = lib.hasSuffix "-skypanel-boot-rules /var/lib/skypanel" bootRules.serviceConfig.ExecStart;
      afterOthers = lib.elem "nftables.service" bootRules.after;
      engineRequires = (machine [ samples.worker ]).systemd.services ? docker;
    }
    {
      wantedBy = [ "docker.service" ];
      before = [ "docker.service" ];
      Type = "oneshot";
      RemainAfterExit = true;
      CapabilityBoundingSet = [
        "CAP_NET_ADMIN"
        "CAP_NET_RAW"
      ];
      reads = true;
      afterOthers = true;
      engineRequires = false;
    }
  )
  (check "no rules are put in force where the agent keeps none"
    (map (more: (machine [ samples.worker (withWorker more) ]).systemd.services ? skypanel-firewall) [
      { }
      { firewall = "off"; }
      { roles = [ "ingress" ]; }
    ])
    [
      true
      false
      false
    ]
  )
]
