# What a service of ours may not do: everything that it has no reason for. Each module takes this and says beside every
# exception why it is one.
#
# Missing on purpose: MemoryDenyWriteExecute. Node.js and Deno compile JavaScript to machine code as it runs.
{
  NoNewPrivileges = true;
  CapabilityBoundingSet = "";
  AmbientCapabilities = "";
  UMask = "0077";

  # The machine's files: nothing can be written but the unit's own state, and of others' nothing is seen.
  ProtectSystem = "strict";
  ProtectHome = true;
  PrivateTmp = true;
  PrivateDevices = true;
  PrivateMounts = true;
  ProtectProc = "invisible";
  ProcSubset = "pid";
  RemoveIPC = true;

  # The kernel.
  ProtectClock = true;
  ProtectControlGroups = true;
  ProtectHostname = true;
  ProtectKernelLogs = true;
  ProtectKernelModules = true;
  ProtectKernelTunables = true;
  LockPersonality = true;
  RestrictNamespaces = true;
  RestrictRealtime = true;
  RestrictSUIDSGID = true;
  RestrictAddressFamilies = [
    "AF_UNIX"
    "AF_INET"
    "AF_INET6"
  ];
  SystemCallArchitectures = "native";
  SystemCallErrorNumber = "EPERM";
  SystemCallFilter = [
    "@system-service"
    "~@privileged"
  ];
}
