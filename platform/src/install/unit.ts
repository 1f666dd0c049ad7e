import type { AgentRuntime } from "@skypanel/contract/Installation"
import type { WorkerRole } from "@skypanel/contract/Worker"
import { launcherCommand } from "./launcherCommand.ts"
import { places } from "./places.ts"

export interface UnitFacts {
  readonly runtime: AgentRuntime
  readonly roles: ReadonlyArray<WorkerRole>
}

/** What no worker's agent may do. */
const always = [
  "NoNewPrivileges=yes",
  "ProtectClock=yes",
  "RestrictSUIDSGID=yes",
  "KeyringMode=private",
  "RemoveIPC=yes",
  "UMask=0077",
]

/** Protections that systemd makes of mounts: the unit has mounts of its own then. */
const ofMounts = [
  "ProtectSystem=strict",
  "ProtectHome=yes",
  "ProtectKernelModules=yes",
  "ProtectKernelLogs=yes",
  "ProtectKernelTunables=yes",
  "ProtectControlGroups=yes",
  "PrivateDevices=yes",
  "PrivateTmp=yes",
]

/** Protections that everything the agent starts has as well. */
const handedDown = [
  "ProtectHostname=yes",
  "LockPersonality=yes",
  "RestrictRealtime=yes",
  "RestrictNamespaces=yes",
  "SystemCallArchitectures=native",
  "SystemCallFilter=@system-service @mount",
  "SystemCallErrorNumber=EPERM",
]

/** Each with its reason: the first that is true of a role keeps the capability. */
const capabilities = (
  roles: ReadonlyArray<WorkerRole>,
): ReadonlyArray<readonly [names: string, why: string]> => {
  const services = roles.includes("services")
  const builds = roles.includes("builder")
  return [
    ["CAP_NET_ADMIN CAP_NET_RAW", "the packet filter's rules that keep containers apart"],
    ["CAP_NET_BIND_SERVICE CAP_SETUID CAP_SETGID", "HAProxy takes port 80 and gives up being root"],
    [
      "CAP_KILL CAP_SYS_RESOURCE",
      "to end HAProxy when it is not root; its limit of open connections; to make volumes bigger that are in use",
    ],
    ...(services || builds
      ? [
          [
            "CAP_SYS_ADMIN CAP_CHOWN CAP_FOWNER CAP_DAC_OVERRIDE",
            "volumes are file systems in files, mounted and given to their services; builds have mounts of their own",
          ] as const,
        ]
      : []),
    ...(builds
      ? [
          [
            "CAP_DAC_READ_SEARCH CAP_SETPCAP CAP_SYS_CHROOT CAP_SYS_PTRACE CAP_MKNOD CAP_FSETID",
            "what bubblewrap and Nix make of them for each build, and the network that it is put into",
          ] as const,
          [
            "CAP_SETFCAP",
            "the kernel asks for it of who says which user is root in a build's sandbox (user_namespaces(7))",
          ] as const,
        ]
      : []),
  ]
}

const missing = (why: string) => `# Some protections are missing: ${why}.`

const protections = ({ roles }: UnitFacts): ReadonlyArray<string> => {
  const services = roles.includes("services")
  const builds = roles.includes("builder")
  return [
    ...always,
    ...(services
      ? [
          missing(
            "those made of mounts. Volumes are mounted by the agent, and the Docker Engine has to see them",
          ),
        ]
      : builds
        ? [missing("those that hide /proc and /sys. Sandboxes and control groups of builds need both whole")]
        : ofMounts),
    ...(builds
      ? [
          missing(
            "those that are handed down. A build is shut in by the agent, not by what holds for the agent",
          ),
        ]
      : handedDown),
    // Nothing else is opened but what has no hardware behind it; ProtectClock= alone closes all the same.
    "DevicePolicy=closed",
    ...(services
      ? [
          "# Volumes are behind loop devices.",
          "DeviceAllow=/dev/loop-control rw",
          "DeviceAllow=block-loop rw",
        ]
      : []),
    "# AF_NETLINK: packet filter and routes are asked for over it.",
    "RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK",
    ...capabilities(roles).flatMap(([names, why]) => [`# ${why}`, `CapabilityBoundingSet=${names}`]),
  ]
}

/** The systemd unit of the agent on a Debian or Ubuntu machine. */
export const unitFile = (
  of: UnitFacts,
): string => `# Written by SkyPanel's installation script, and again whenever that is run again.
[Unit]
Description=SkyPanel agent: this machine as a worker
# Not Requires: an engine that is restarted must not take the agent along.
Wants=network-online.target docker.service
After=network-online.target docker.service
StartLimitIntervalSec=0

[Service]
ExecStart=${launcherCommand(of.runtime, "launching")}
EnvironmentFile=${places.settings}/agent.env
# What the administrator of this machine sets; no installation writes it.
EnvironmentFile=-${places.settings}/local.env
Environment=HOME=${places.dataFolder} DENO_DIR=${places.cache}/deno DENO_NO_UPDATE_CHECK=1 NO_COLOR=1
StateDirectory=skypanel
# Others may pass through, not look: with remapped users a container's root goes that way to its volume.
StateDirectoryMode=0711
CacheDirectory=skypanel
CacheDirectoryMode=0700
Restart=always
RestartSec=2
TimeoutStopSec=45
# HAProxy serves on while the agent is stopped, restarted or upgraded.
KillMode=process
# MemoryDenyWriteExecute is missing: JavaScript is compiled while it runs.
${protections(of).join("\n")}

[Install]
WantedBy=multi-user.target
`
