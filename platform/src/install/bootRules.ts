import { readFileSync } from "node:fs"
import { places } from "./places.ts"

/** Puts in force what the agent has kept; the same on every system. */
export const bootRules = readFileSync(
  new URL("../../../modules/worker/boot-rules.sh", import.meta.url),
  "utf8",
).trimEnd()

export const bootRulesFile = `${places.library}/boot-rules.sh`

/**
 * The systemd unit that runs it. After a machine's start its engine starts containers whether an agent runs or not. It
 * does not keep the engine from starting: what else runs on the machine is not ours to stop.
 */
export const firewallUnit = `# Written by SkyPanel's installation script, and again whenever that is run again.
[Unit]
Description=SkyPanel: what keeps containers apart, before the first of them starts
# With the engine, whatever it is that starts it.
Before=docker.service
# Programs that empty the packet filter when they start.
After=nftables.service netfilter-persistent.service ufw.service firewalld.service

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/bin/sh ${bootRulesFile} ${places.dataFolder}
NoNewPrivileges=yes
ProtectSystem=full
ProtectHome=yes
ProtectClock=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectControlGroups=yes
PrivateDevices=yes
PrivateTmp=yes
LockPersonality=yes
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallErrorNumber=EPERM
UMask=0077
# The packet filter is asked for over AF_NETLINK, the kernel's older one over a raw socket of AF_INET and AF_INET6.
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK
CapabilityBoundingSet=CAP_NET_ADMIN CAP_NET_RAW

[Install]
WantedBy=docker.service
`
