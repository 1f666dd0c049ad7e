# The Docker Engine of the fleet's machines, and the kernel under it.
{
  lib,
  machine,
  samples,
  check,
  ...
}:
let
  worker = more: machine [ samples.worker { services.skypanel.worker = more; } ];
  plain = worker { };
  daemon = more: (worker more).virtualisation.docker.daemon.settings;
  base = {
    icc = false;
    live-restore = false;
    log-opts = {
      max-file = "3";
      max-size = "10m";
    };
    no-new-privileges = true;
  };
  both = machine [
    samples.worker
    samples.platform
  ];
  remapped = worker { userNamespaceRemap = true; };
in
[
  (check "the engine starts with the machine, and bounds its logs"
    { inherit (plain.virtualisation.docker) enable enableOnBoot logDriver; }
    {
      enable = true;
      enableOnBoot = true;
      logDriver = "json-file";
    }
  )
  (check "the engine's settings" (daemon { }) base)
  (check "registries without TLS only when asked for" (daemon { insecureRegistries = [ "10.0.0.1:8080" ]; }) (
    base // { insecure-registries = [ "10.0.0.1:8080" ]; }
  ))
  (check "gVisor is the default runtime when chosen" (daemon { containerRuntime = "runsc"; }) (
    base
    // {
      default-runtime = "runsc";
      runtimes.runsc = {
        path = "/nix/store/${lib.fixedWidthString 32 "0" ""}-gvisor/bin/runsc";
        runtimeArgs = [ "--network=host" ];
      };
    }
  ))
  (check "users are remapped when asked for, to ids that are nobody else's"
    {
      setting = remapped.virtualisation.docker.daemon.settings.userns-remap;
      inherit (remapped.users.users.skypanel-remap) subUidRanges subGidRanges isSystemUser;
      group = remapped.users.groups ? skypanel-remap;
      unasked = plain.users.users;
    }
    {
      setting = "skypanel-remap";
      subUidRanges = [
        {
          startUid = 1000000;
          count = 65536;
        }
      ];
      subGidRanges = [
        {
          startGid = 1000000;
          count = 65536;
        }
      ];
      isSystemUser = true;
      group = true;
      unasked = { };
    }
  )
  (check "kernel modules of overlay networks, and of volumes" (lib.sort lib.lessThan plain.boot.kernelModules) [
    "br_netfilter"
    "bridge"
    "loop"
    "overlay"
    "veth"
    "vxlan"
  ])
  (check "a builder has no volumes" (lib.elem "loop" (machine [ samples.builder ]).boot.kernelModules) false)
  (check "packets on bridges pass the packet filter" plain.boot.kernel.sysctl {
    "net.bridge.bridge-nf-call-ip6tables" = 1;
    "net.bridge.bridge-nf-call-iptables" = 1;
  })
  (check "a machine that is both has one engine, and it is the manager"
    {
      inherit (both) refused;
      inherit (both.services.skypanel.engine) manager;
      settings = both.virtualisation.docker.daemon.settings;
    }
    {
      refused = [ ];
      manager = true;
      settings = base;
    }
  )
  (check "a builder's Nix confines, and makes place before the disk is full"
    (removeAttrs (machine [ samples.builder ]).nix.settings [ "_module" ])
    {
      experimental-features = [
        "nix-command"
        "flakes"
      ];
      max-free = 34359738368;
      min-free = 8589934592;
      sandbox = true;
      sandbox-fallback = false;
      system-features = [
        "benchmark"
        "big-parallel"
      ];
    }
  )
  (check "other workers' Nix is their own" plain.nix.settings { })
]
