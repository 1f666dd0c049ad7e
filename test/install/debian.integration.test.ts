import { copyFileSync, mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { Effect } from "effect"
import { describe, expect, it } from "vitest"
import { BUSYBOX_PROGRAM } from "../lab/images.ts"
import { until } from "../lab/until.ts"
import { difference, snapshot } from "./snapshot.ts"
import { useMachine } from "./useMachine.ts"

// A fresh Debian server becomes a worker by one pasted line, stays one when that is pasted again, and is what it was
// before after `skypanel-agent uninstall`.

const machine = useMachine()
let before: ReadonlyArray<string> = []

const proxyPid = () => machine().read("pgrep --oldest haproxy")

describe("one pasted line on a fresh Debian server", () => {
  it("makes it a worker", async () => {
    before = await snapshot(machine())
    const { code, stdout, stderr } = await machine().paste()
    expect([code, stderr]).toEqual([0, ""])
    expect(stdout).toContain("done: this machine is worker server1")
    expect(machine().platform.registered).toHaveLength(1)
    expect(await machine().read("systemctl is-active skypanel-agent docker")).toBe("active\nactive")
    expect(await machine().read("systemctl is-enabled skypanel-agent skypanel-firewall")).toBe(
      "enabled\nenabled",
    )
  }, 600_000)

  it("says how the worker is", async () => {
    const { code, stdout } = await machine().sh("skypanel-agent status")
    expect(code).toBe(0)
    expect(stdout).toMatch(/worker\s+server1 \(wrk_1\)/)
    expect(stdout).toMatch(/connected\s+yes/)
    const status = JSON.parse((await machine().sh("skypanel-agent status --json")).stdout)
    const version = await machine().read("skypanel-agent version")
    expect(version).toMatch(/^\d+\.\d+\.\d+\+[0-9a-f]{8}$/)
    expect(status).toMatchObject({ connected: true, unit: "active", versions: { agent: version, nix: null } })
    expect(machine().platform.heartbeats.at(-1)?.version).toBe(version)
  })

  it("lets only root read what is secret, and leaves no token behind", async () => {
    const modes = "stat --format '%a %U %n' /etc/skypanel/agent.env /var/lib/skypanel/identity.json"
    expect(await machine().read(modes)).toBe(
      "600 root /etc/skypanel/agent.env\n600 root /var/lib/skypanel/identity.json",
    )
    const { stdout } = await machine().sh(
      `grep --recursive --files-with-matches --exclude-dir=proc --exclude-dir=sys ${machine().platform.token} / 2>/dev/null`,
      { within: 120 },
    )
    expect(stdout).toBe("")
    expect((await machine().sh("ps -e -o args=")).stdout).not.toContain(machine().platform.token)
  }, 150_000)

  it("pulls images without TLS only from a platform that has none, and leaves port 80 to the agent's proxy", async () => {
    const settings = JSON.parse(await machine().read("cat /etc/docker/daemon.json"))
    expect(settings).toEqual({
      "insecure-registries": [machine().platform.facts.registryAddress],
      "no-new-privileges": true,
    })
    expect(await machine().read("systemctl is-enabled haproxy || true")).toBe("masked")
    expect(await machine().read("curl -s http://127.0.0.1/")).toBe("proxy")
  })

  it("gives the agent on Deno the programs and folders that it needs, and no more", async () => {
    const line = await machine().read("ps -e -o args= | grep 'deno run.*versions/'")
    expect(line).toMatch(/ --allow-run=\S*haproxy/)
    expect(line).toContain("--allow-write=/var/lib/skypanel,/run/docker.sock")
    expect(line).not.toContain("--allow-all")
  })

  it("lets the agent's mounts be seen by the Docker Engine", async () => {
    const namespaces = await machine().read("readlink /proc/1/ns/mnt /proc/$(pgrep --oldest deno)/ns/mnt")
    expect(new Set(namespaces.split("\n")).size).toBe(1)
  })
})

describe("the same line, pasted again", () => {
  it("changes nothing but what it repairs: same identity, same proxy, same containers", async () => {
    mkdirSync(join(machine().server.root, "srv/image/usr/bin"), { recursive: true })
    copyFileSync(BUSYBOX_PROGRAM, join(machine().server.root, "srv/image", BUSYBOX_PROGRAM))
    await machine().read("tar --create --directory /srv/image . | docker import - busybox:1")
    const container = await machine().read(
      `docker run --detach --label skypanel.service=svc_1 busybox:1 ${BUSYBOX_PROGRAM} sleep 1000`,
    )
    await machine().read("docker volume create skypanel-svc_1")
    const proxy = await proxyPid()
    // Somebody has broken it meanwhile.
    await machine().read(
      "rm /usr/local/lib/skypanel/launcher.mjs && echo broken > /var/lib/skypanel/agent/current",
    )
    expect((await machine().paste()).code).toBe(0)
    expect(machine().platform.registered).toHaveLength(1)
    expect(await proxyPid()).toBe(proxy)
    expect(await machine().read("docker ps --no-trunc --quiet")).toBe(container)
  }, 300_000)

  it("does not go with another one at the same time", async () => {
    const both = await Promise.all([machine().paste(), machine().paste()])
    expect(both.map(({ code }) => code).sort()).toEqual([0, 1])
    expect(both.map(({ stderr }) => stderr).join("")).toContain("running already")
  }, 300_000)
})

describe("a machine that starts", () => {
  const programs = ["iptables", "ip6tables"] as const
  const printed = "for program in iptables ip6tables; do $program -t mangle -S; done | grep SKYPANEL"

  it("has what keeps containers apart before its engine starts, also without the agent", async () => {
    const { read, server } = machine()
    const before = await read(printed)
    expect(before).toContain("-A INPUT -i docker_gwbridge -j SKYPANEL-INPUT")
    await read("systemctl disable --now skypanel-agent")
    // What the engine's start finds is written down.
    const folder = "/etc/systemd/system/docker.service.d"
    const note = `[Service]\nExecStartPre=/bin/sh -c '${printed.replaceAll("$", "$$$$")} >/srv/found; true'\n`
    await read(`mkdir ${folder}`)
    writeFileSync(join(server.root, folder, "note.conf"), note)
    for (const program of programs) await read(`${program} -t mangle -F && ${program} -t mangle -X`)
    await Effect.runPromise(server.reboot)
    // The control groups of a test's server may be opened later than its engine has tried to start.
    const running = "systemctl is-active docker || { systemctl reset-failed docker; systemctl start docker; }"
    await until("the engine", async () => ((await machine().sh(running)).code === 0 ? true : null))
    expect(await read("cat /srv/found")).toBe(before)
    expect(await read("systemctl is-active skypanel-firewall")).toBe("active")
    // It loads nothing twice.
    await read("systemctl restart skypanel-firewall")
    expect(await read(printed)).toBe(before)
    await read(`rm -r ${folder} /srv/found && systemctl daemon-reload`)
    await read("systemctl enable --now skypanel-agent")
    await until("the agent to be connected", async () =>
      (await machine().sh("skypanel-agent status")).code === 0 ? true : null,
    )
  }, 300_000)
})

describe("skypanel-agent uninstall", () => {
  it("does nothing before somebody has agreed", async () => {
    const { code, stdout, stderr } = await machine().sh("skypanel-agent uninstall")
    expect(code).toBe(1)
    expect(stdout).toContain("1 volumes are deleted WITH WHAT IS IN THEM")
    expect(stderr).toContain("--yes")
    expect((await machine().sh("skypanel-agent status")).code).toBe(0)
  })

  it("can be cut off and run again, and leaves the machine as it was", async () => {
    await machine().read("rm -r /srv/image")
    // Looked for from within: packages are removed in less time than it takes to ask from here.
    await machine().read(
      `setsid skypanel-agent uninstall --yes >/dev/null &
      until pgrep --full 'apt-get.*[p]urge' >/dev/null; do sleep 0.01; done
      pkill -KILL deno`,
    )
    const { code, stdout } = await machine().sh("skypanel-agent uninstall --yes", { within: 300 })
    expect(stdout).toContain("SkyPanel is gone from this machine.")
    expect(code).toBe(0)
    expect(difference(before, await snapshot(machine()))).toEqual([])
    expect((await machine().sh("skypanel-agent status")).code).toBe(127)
  }, 600_000)
})
