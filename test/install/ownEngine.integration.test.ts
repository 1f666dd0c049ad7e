import { copyFileSync, mkdirSync } from "node:fs"
import { join } from "node:path"
import { beforeAll, describe, expect, it } from "vitest"
import { BUSYBOX_PROGRAM } from "../lab/images.ts"
import { difference, snapshot } from "./snapshot.ts"
import { useMachine } from "./useMachine.ts"

// A server whose administrator has a Docker Engine on it already: it is used as it is, and stays when SkyPanel goes.

const machine = useMachine()
const settings = "/etc/docker/daemon.json"
let before: ReadonlyArray<string> = []
let own = ""

beforeAll(async () => {
  const { server, read } = machine()
  const install =
    "DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends docker.io iptables git"
  expect((await machine().sh(`apt-get update && ${install}`, { within: 300 })).code).toBe(0)
  mkdirSync(join(server.root, "srv/image/usr/bin"), { recursive: true })
  copyFileSync(BUSYBOX_PROGRAM, join(server.root, "srv/image", BUSYBOX_PROGRAM))
  await read("tar --create --directory /srv/image . | docker import - busybox:1")
  await read("docker volume create own && rm -r /srv/image")
}, 400_000)

describe("a machine with an engine of its own", () => {
  it("is left alone when the engine is in another Swarm", async () => {
    await machine().read("docker swarm init --advertise-addr eth0")
    const { code, stderr } = await machine().paste()
    expect(code).toBe(1)
    expect(stderr).toContain("part of another Swarm. Nothing was changed")
    await machine().read("docker swarm leave --force")
  }, 120_000)

  it("is left alone when the engine has settings of its own, which are said to be missing one", async () => {
    await machine().read(`echo '{"log-driver": "local"}' > ${settings} && systemctl restart docker`)
    const { code, stderr } = await machine().paste()
    expect(code).toBe(1)
    expect(stderr).toContain(`${settings} is not this script's`)
    const { registryAddress } = machine().platform.facts
    expect(stderr).toContain(`Add {"insecure-registries": ["${registryAddress}"]} to it`)
  }, 120_000)

  it("becomes a worker when they have it, and its own containers run on", async () => {
    const { registryAddress } = machine().platform.facts
    const both = JSON.stringify({
      "log-driver": "local",
      "insecure-registries": [registryAddress],
      "no-new-privileges": true,
    })
    await machine().read(`echo '${both}' > ${settings} && systemctl restart docker`)
    own = await machine().read(
      `docker run --detach --volume own:/data busybox:1 ${BUSYBOX_PROGRAM} sleep 1000`,
    )
    before = await snapshot(machine())
    expect((await machine().paste()).code).toBe(0)
    expect(await machine().read(`cat ${settings}`)).toBe(both)
    expect(await machine().read("docker ps --no-trunc --quiet")).toBe(own)
  }, 300_000)

  it("is not taken over by another platform", async () => {
    const { port } = new URL(machine().platform.url)
    await machine().read(`echo '${machine().server.hostAddress} other' >> /etc/hosts`)
    const script = (await machine().platform.scripts()).replace(
      /control_plane='[^']*'/,
      `control_plane='http://other:${port}'`,
    )
    const { code, stderr } = await machine().server.run(["sh"], { input: script })
    expect(code).toBe(1)
    expect(stderr).toContain(`This machine is a worker of ${machine().platform.url}. Nothing was changed.`)
    await machine().read("sed --in-place '/other/d' /etc/hosts")
  })

  it("gives an engine of its own back as it was", async () => {
    expect((await machine().sh("skypanel-agent uninstall --yes", { within: 300 })).code).toBe(0)
    expect(await machine().read("docker ps --no-trunc --quiet")).toBe(own)
    expect(await machine().read("docker volume ls --quiet")).toBe("own")
    // What the engine writes for itself while it runs is not ours to compare.
    const changed = difference(before, await snapshot(machine())).filter(
      (line) => !/ \/var\/lib\/(?:docker|containerd)\//.test(line),
    )
    expect(changed).toEqual([])
  }, 300_000)
})

describe("packages that something needs that came later", () => {
  it("stay", async () => {
    expect((await machine().paste()).code).toBe(0)
    const install =
      "DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends libopentracing-dev"
    expect((await machine().sh(install, { within: 200 })).code).toBe(0)
    const { code, stdout } = await machine().sh("skypanel-agent uninstall --yes", { within: 300 })
    expect(code).toBe(0)
    expect(stdout).toContain("something else needs them: libopentracing-dev")
    expect((await machine().sh("haproxy -v")).code).toBe(0)
    expect((await machine().sh("systemctl is-enabled haproxy")).stdout.trim()).not.toBe("masked")
  }, 600_000)
})
