# What units may do: everything that is taken back from the hardened start, by role.
{
  lib,
  machine,
  samples,
  check,
  ...
}:
let
  hardened = import ../../../../modules/shared/hardening.nix;
  serviceOf =
    roles:
    (machine [
      samples.builder
      { services.skypanel.worker.roles = lib.mkForce roles; }
    ]).systemd.services.skypanel-agent.serviceConfig;
  capabilities = roles: (serviceOf roles).CapabilityBoundingSet;
  # Settings of the hardened start that a unit has otherwise, or not at all.
  exceptions =
    service:
    lib.filter (name: (service.${name} or null) != hardened.${name}) (lib.attrNames hardened);

  everywhere = [
    "NoNewPrivileges"
    "ProtectClock"
    "RestrictSUIDSGID"
    "UMask"
  ];
  roleSets = [
    [ "services" ]
    [ "builder" ]
    [ "ingress" ]
    [
      "services"
      "ingress"
    ]
    [
      "services"
      "builder"
      "ingress"
    ]
  ];
  platform = (machine [ samples.platform ]).systemd.services.skypanel-platform.serviceConfig;
  leftovers = (machine [ samples.worker ]).systemd.services.skypanel-leftovers;
in
[
  (check "an agent for ingress alone: the packet filter, port 80, another user for the proxy" (capabilities [ "ingress" ]) [
    "CAP_KILL"
    "CAP_NET_ADMIN"
    "CAP_NET_BIND_SERVICE"
    "CAP_SETGID"
    "CAP_SETUID"
    "CAP_SYS_PTRACE"
  ])
  (check "an agent that runs services mounts volumes besides" (capabilities [ "services" ]) [
    "CAP_CHOWN"
    "CAP_DAC_OVERRIDE"
    "CAP_FOWNER"
    "CAP_KILL"
    "CAP_NET_ADMIN"
    "CAP_NET_BIND_SERVICE"
    "CAP_SETGID"
    "CAP_SETUID"
    "CAP_SYS_ADMIN"
    "CAP_SYS_PTRACE"
    "CAP_SYS_RESOURCE"
  ])
  (check "an agent that builds makes sandboxes" (capabilities [ "builder" ]) [
    "CAP_CHOWN"
    "CAP_DAC_OVERRIDE"
    "CAP_DAC_READ_SEARCH"
    "CAP_FOWNER"
    "CAP_NET_ADMIN"
    "CAP_SETFCAP"
    "CAP_SETGID"
    "CAP_SETPCAP"
    "CAP_SETUID"
    "CAP_SYS_ADMIN"
  ])
  (check "nobody may load modules, set the clock or reboot" (lib.concatMap (
    roles:
    lib.intersectLists (capabilities roles) [
      "CAP_SYS_MODULE"
      "CAP_SYS_TIME"
      "CAP_SYS_BOOT"
      "CAP_SYS_RAWIO"
      "CAP_MKNOD"
      "CAP_BPF"
    ]
  ) roleSets) [ ])
  (check "what holds for every agent" (map (roles: lib.intersectLists everywhere (exceptions (serviceOf roles))) roleSets) (
    map (_: [ ]) roleSets
  ))
  (check "the exceptions of an agent for ingress alone" (exceptions (serviceOf [ "ingress" ])) [
    "CapabilityBoundingSet"
    "ProcSubset"
    "ProtectProc"
    "RestrictAddressFamilies"
    "SystemCallFilter"
  ])
  (check "an agent for services has no mounts of its own: the engine sees its volumes"
    (lib.filter (name: (serviceOf [ "services" ]) ? ${name}) [
      "PrivateDevices"
      "PrivateMounts"
      "PrivateTmp"
      "ProcSubset"
      "ProtectControlGroups"
      "ProtectHome"
      "ProtectKernelLogs"
      "ProtectKernelModules"
      "ProtectKernelTunables"
      "ProtectProc"
      "ProtectSystem"
      "ReadWritePaths"
    ])
    [ ]
  )
  (check "its devices are loop devices only"
    { inherit (serviceOf [ "services" ]) DevicePolicy DeviceAllow; }
    {
      DevicePolicy = "closed";
      DeviceAllow = [
        "/dev/loop-control rw"
        "block-loop rw"
      ];
    }
  )
  (check "the machine's name is protected but from builders, whose sandboxes have names of their own"
    (map (roles: (serviceOf roles).ProtectHostname or null) roleSets)
    [
      true
      null
      true
      true
      null
    ]
  )
  (check "system calls of agents that do not build are filtered"
    (map (roles: (serviceOf roles).SystemCallFilter or null) [
      [ "ingress" ]
      [ "services" ]
      [ "builder" ]
    ])
    [
      [ "@system-service" ]
      [
        "@system-service"
        "@mount"
      ]
      null
    ]
  )
  (check "a builder alone writes to its folder and the store, and to nothing else"
    { inherit (serviceOf [ "builder" ]) ProtectSystem ReadWritePaths StateDirectory; }
    {
      ProtectSystem = "strict";
      ReadWritePaths = [ "/nix" ];
      StateDirectory = "skypanel";
    }
  )
  (check "the platform has every restriction, and no capability" (exceptions platform) [ ])
  (check "the platform runs as a user of its own, in the engine's group"
    { inherit (platform) User Group SupplementaryGroups; }
    {
      User = "skypanel";
      Group = "skypanel";
      SupplementaryGroups = [ "docker" ];
    }
  )
  (check "what outlives an agent ends after it, when the worker is taken out of the configuration"
    {
      inherit (leftovers) before restartIfChanged;
      inherit (leftovers.serviceConfig) Type RemainAfterExit;
      endsProxy = lib.hasInfix "skypanel-agent.service" leftovers.preStop;
      exceptions = exceptions leftovers.serviceConfig;
    }
    {
      before = [ "skypanel-agent.service" ];
      restartIfChanged = false;
      Type = "oneshot";
      RemainAfterExit = true;
      endsProxy = true;
      exceptions = [
        "CapabilityBoundingSet"
        "ProtectControlGroups"
        "RestrictAddressFamilies"
      ];
    }
  )
]
