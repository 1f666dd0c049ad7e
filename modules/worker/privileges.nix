# What the agent may do on its machine, by the worker's roles. It starts from what no service of ours may do
# (shared/hardening.nix) and takes away only what it has a reason for; the reason stands beside it.
{
  lib,
  roles,
}:
let
  runsServices = lib.elem "services" roles;
  builds = lib.elem "builder" roles;
  hasProxy = runsServices || lib.elem "ingress" roles;
  hardened = import ../shared/hardening.nix;
  without = names: set: removeAttrs set names;

  capabilities = {
    # The packet filter's rules that keep containers apart; the loopback device of a build's own network.
    CAP_NET_ADMIN = true;
    # The proxy, and what fetches a build's source, serve and fetch as users without rights.
    CAP_SETUID = true;
    CAP_SETGID = true;

    # The proxy listens on port 80.
    CAP_NET_BIND_SERVICE = hasProxy;
    # It is another user's process, which the next agent knows again by its program, and ends.
    CAP_SYS_PTRACE = hasProxy;
    CAP_KILL = hasProxy;

    # Volumes are file systems of their own in files: they are made, mounted, and given to the container's user. Builds
    # are put into mounts, processes and networks of their own, and write as users of their own.
    CAP_SYS_ADMIN = runsServices || builds;
    CAP_CHOWN = runsServices || builds;
    CAP_FOWNER = runsServices || builds;
    CAP_DAC_OVERRIDE = runsServices || builds;
    # The kernel asks for it of who makes a volume bigger that is in use.
    CAP_SYS_RESOURCE = runsServices;

    # An evaluation reads the source that another user has fetched, and has no other capability.
    CAP_DAC_READ_SEARCH = builds;
    # What fetches gives up its capabilities for good.
    CAP_SETPCAP = builds;
    # The kernel asks for it of who says which user is root in a build's sandbox (user_namespaces(7)).
    CAP_SETFCAP = builds;
  };

  # A unit with mounts of its own mounts for itself alone, and the Docker Engine has to see the volumes of services. So
  # that such an agent has none of the protections which are made of mounts.
  ofMounts = [
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
  ];

  # Users and mounts are changed, by the proxy and for volumes.
  systemCalls = [ "@system-service" ] ++ lib.optional runsServices "@mount";
  # Volumes are behind loop devices; no other device is needed.
  loopDevices = {
    DevicePolicy = "closed";
    DeviceAllow = [
      "/dev/loop-control rw"
      "block-loop rw"
    ];
  };

  # What a build may do is what its own walls allow (agent/src/builder/Confinement.ts, and Nix's sandbox within): these
  # would be handed down to every compiler and test that runs in one.
  handedDown = [
    "LockPersonality"
    # bubblewrap and Nix name the machine that a build sees: it is not to learn this one's name.
    "ProtectHostname"
    "RestrictNamespaces"
    "RestrictRealtime"
    "SystemCallArchitectures"
    "SystemCallErrorNumber"
    "SystemCallFilter"
  ];
  # Sandboxes are made of mounts, of a whole /proc, and of control groups.
  forSandboxes = [
    "PrivateDevices"
    "ProcSubset"
    "ProtectControlGroups"
    "ProtectKernelLogs"
    "ProtectKernelTunables"
    "ProtectProc"
  ];

  restrictions = without (
    lib.optionals runsServices ofMounts ++ lib.optionals builds (handedDown ++ forSandboxes)
  ) (hardened // { SystemCallFilter = systemCalls; });
in
restrictions
// {
  CapabilityBoundingSet = lib.attrNames (lib.filterAttrs (_: isNeeded: isNeeded) capabilities);
  # Netlink is how the packet filter and network namespaces are set up.
  RestrictAddressFamilies = hardened.RestrictAddressFamilies ++ [ "AF_NETLINK" ];
}
// lib.optionalAttrs runsServices loopDevices
// lib.optionalAttrs (!runsServices) {
  # All processes are shown: the agent finds the proxy that an agent before it has left, and reports the machine's load.
  ProtectProc = "default";
  ProcSubset = "all";
  ReadWritePaths = lib.optionals builds [ "/nix" ];
}
