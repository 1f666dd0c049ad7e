import { copyFileSync, mkdirSync } from "node:fs"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { useServer } from "./fixtures.ts"
import { BUSYBOX_PROGRAM } from "./images.ts"
import { until } from "./until.ts"

// What the tests of the installation rest on: the server is one, and a Docker Engine runs on it.

const server = useServer()
const sh = (line: string, within = 120) => server().run(["sh", "-c", line], { within })

describe("a fresh Debian server", () => {
  it("runs systemd, and nothing has failed", async () => {
    expect(await sh("systemctl is-system-running")).toMatchObject({ code: 0, stdout: "running\n" })
    expect((await sh("cat /etc/os-release")).stdout).toContain("VERSION_CODENAME=bookworm")
    expect((await sh("hostname")).stdout).toBe("server1\n")
  })

  it("has a network of its own and reaches this machine, but not the Internet", async () => {
    const listening = createServer((_, response) => response.end("here"))
    await new Promise<void>((resolve) => listening.listen(0, server().hostAddress, resolve))
    const { port } = listening.address() as AddressInfo
    expect((await sh(`curl -s http://${server().hostAddress}:${port}/`)).stdout).toBe("here")
    expect((await sh("curl -s --max-time 3 http://192.0.32.8/")).code).not.toBe(0)
    listening.close()
  })

  it("installs Debian's packages, unless they cannot be reached", async () => {
    server().setPackages(false)
    expect((await sh("apt-get -o Acquire::Retries=0 update 2>&1")).stdout).toContain("Failed to fetch")
    server().setPackages(true)
    expect(await sh("apt-get update")).toMatchObject({ code: 0 })
    expect(await sh("apt-get install -y --no-install-recommends docker.io iptables", 300)).toMatchObject({
      code: 0,
    })
  }, 400_000)

  it("runs a Docker Engine, whose containers have limits and networks", async () => {
    expect(await sh("systemctl is-active docker")).toMatchObject({ stdout: "active\n" })
    mkdirSync(join(server().root, "srv/image/usr/bin"), { recursive: true })
    copyFileSync(BUSYBOX_PROGRAM, join(server().root, "srv/image", BUSYBOX_PROGRAM))
    expect(await sh("tar --create --directory /srv/image . | docker import - busybox:1")).toMatchObject({
      code: 0,
    })
    const limits = "--memory 64m --cpus 0.5 --pids-limit 30"
    const started = await sh(
      `docker run --detach --name web ${limits} busybox:1 ${BUSYBOX_PROGRAM} httpd -f -p 80 -h /usr/bin`,
    )
    expect(started).toMatchObject({ code: 0 })
    const address = (await sh("docker inspect --format '{{.NetworkSettings.IPAddress}}' web")).stdout.trim()
    await until("the container to answer", async () =>
      (await sh(`curl -s --max-time 2 -o /dev/null http://${address}/busybox`)).code === 0 ? true : null,
    )
    const group = (await sh("docker inspect --format '{{.Id}}' web")).stdout.trim()
    const limit = await sh(
      `cat /sys/fs/cgroup/memory/docker/${group}/memory.limit_in_bytes || cat /sys/fs/cgroup/docker/${group}/memory.max`,
    )
    expect(limit.stdout.trim()).toBe(String(64 * 2 ** 20))
    expect(await sh("docker swarm init --advertise-addr eth0")).toMatchObject({ code: 0 })
    expect(await sh("docker network create --driver overlay --attachable one")).toMatchObject({ code: 0 })
    expect(await sh(`docker run --rm --network one busybox:1 ${BUSYBOX_PROGRAM} true`)).toMatchObject({
      code: 0,
    })
  }, 120_000)
})
