import { execFileSync } from "node:child_process"
import {
  chmodSync,
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  statfsSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs"
import { join } from "node:path"
import { Effect } from "effect"
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest"
import { until } from "../../test/containers.ts"
import { serviceId, temporaryFolder } from "../../test/edge.ts"
import {
  asContainer,
  containerOf,
  mountPointIn,
  mountsBelow,
  startEngineInfo,
  startVolumes,
  unmountAll,
} from "../../test/volumes.ts"
import { makeFileSystems } from "./FileSystems.ts"
import { removedName } from "./volumeFiles.ts"

const MiB = 1024 * 1024
const { folder, remove } = temporaryFolder()
const socket = join(folder, "docker.sock")
let engine: Awaited<ReturnType<typeof startEngineInfo>>
let agent: Awaited<ReturnType<typeof startVolumes>> | undefined
const of = (n: number, size = 32) => ({ serviceId: serviceId(n), sizeBytes: size * MiB })
const place = (n: number) => mountPointIn(folder, serviceId(n))
const image = (n: number) => `${place(n)}.img`
/** Its size in KiB; 0 while it is not mounted. */
const blocks = (n: number) => {
  if (!mountsBelow(folder).includes(place(n))) return 0
  const { blocks, bsize } = statfsSync(place(n))
  return (blocks * bsize) / 1024
}
const names = (n: number) =>
  readdirSync(join(folder, "volumes")).filter((name) => name.startsWith(serviceId(n)))

const start = async (volumes: ReadonlyArray<ReturnType<typeof of>>, fresh = true) => {
  agent = await startVolumes(folder, socket, { volumes, fresh })
  return agent
}
/** Growing a file system in use takes the capability CAP_SYS_RESOURCE, which not every machine's root has. */
const mayGrowOnline = () => {
  const capabilities = /^CapEff:\s*([0-9a-f]+)/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1] ?? "0"
  return (BigInt(`0x${capabilities}`) & (1n << 24n)) !== 0n
}
const isReady = (n: number) =>
  until("the volume", () => agent?.volumes.ready().includes(serviceId(n)) || undefined)

beforeAll(async () => {
  chmodSync(folder, 0o755)
  engine = await startEngineInfo(socket, "/var/lib/docker")
})
afterEach(async () => {
  await agent?.stop()
  agent = undefined
})
afterAll(async () => {
  unmountAll(folder)
  await engine.stop()
  remove()
})

describe("a volume", () => {
  it("is its service's to write, up to its size and no further", async () => {
    await start([of(1)])
    await isReady(1)
    expect(asContainer(`ls -A ${place(1)}`)).toBe("")
    expect(asContainer(`dd if=/dev/zero of=${place(1)}/big bs=1M count=64 2>&1 || true`)).toContain(
      "No space left on device",
    )
    expect(statSync(image(1)).size).toBe(32 * MiB)
    // Nobody else's, and nothing in it is a program with more rights or a device.
    expect(statSync(join(folder, "volumes")).mode & 0o777).toBe(0o711)
    const mounted = execFileSync("findmnt", ["--noheadings", "--output", "OPTIONS", place(1)]).toString()
    for (const option of ["nosuid", "nodev", "noatime", "discard"]) expect(mounted).toContain(option)
    asContainer(`rm ${place(1)}/big`)
  })

  it("is who its containers run as, from the next look on; what is in it stays whose it is", async () => {
    const owned = (uid?: number) => [{ ...of(1), ...(uid !== undefined && { owner: { uid, gid: uid } }) }]
    const { desire, volumes } = await start(owned())
    await isReady(1)
    expect(volumes.owners()).toEqual({ [serviceId(1)]: 65534 })
    asContainer(`mkdir ${place(1)}/made; ln -s / ${place(1)}/out; echo mine > ${place(1)}/made/file`)
    expect(() => asContainer(`echo x > ${place(1)}/theirs 2>/dev/null`, 1001)).toThrow()
    desire(owned(1001))
    await until("its new owner", () => volumes.owners()[serviceId(1)] === 1001 || undefined)
    asContainer(`echo x > ${place(1)}/theirs`, 1001)
    expect(() => asContainer(`echo x > ${place(1)}/made/file 2>/dev/null`, 1001)).toThrow()
    expect(statSync("/").uid).toBe(0)
    await agent!.stop()
    // Also when the agent begins anew, and back again.
    const again = await start(owned(1001))
    await isReady(1)
    asContainer(`rm ${place(1)}/theirs`, 1001)
    again.desire(owned())
    await until("its old owner", () => again.volumes.owners()[serviceId(1)] === 65534 || undefined)
    asContainer(`rm -r ${place(1)}/made ${place(1)}/out`)
  })

  it("takes outside only what is in it, also after something was deleted", async () => {
    asContainer(`dd if=/dev/zero of=${place(1)}/big bs=1M count=16 2>&1; sync ${place(1)}/big`)
    const used = () => statSync(image(1)).blocks * 512
    const before = used()
    expect(before).toBeGreaterThan(16 * MiB)
    asContainer(`rm ${place(1)}/big; sync -f ${place(1)}`)
    await until("its space", () => used() < before - 12 * MiB || undefined)
  })

  it("grows while nobody uses it, and never shrinks", async () => {
    asContainer(`echo kept > ${place(1)}/file`)
    const { desire, said } = await start([of(1)])
    await isReady(1)
    const before = blocks(1)
    desire([of(1, 128)])
    await until("the bigger one", () => blocks(1) > before * 3 || undefined)
    expect(asContainer(`cat ${place(1)}/file`)).toBe("kept\n")
    desire([of(1, 64)])
    await until("a note", () => said.find((line) => line.includes("none can be made smaller")))
    expect(statSync(image(1)).size).toBe(128 * MiB)
    expect(agent?.volumes.problem()).toBeNull()
  })

  it("grows while it is in use where the kernel lets us, else once its container has ended", async () => {
    const { desire, said, run, volumes } = await start([of(1, 128)])
    await isReady(1)
    const before = blocks(1)
    const grown = () => blocks(1) > before * 1.8 || undefined
    run([containerOf(serviceId(1))])
    desire([of(1, 256)])
    if (!mayGrowOnline()) {
      await until("a note", () => said.find((line) => line.includes("smaller while a container has it")))
      expect(volumes.ready()).toEqual([serviceId(1)])
      run([])
      desire([of(1, 256)])
    }
    await until("the bigger one", grown)
    expect(asContainer(`cat ${place(1)}/file`)).toBe("kept\n")
  })

  it("belongs to the user that the engine maps nobody to", async () => {
    const mapped = join(folder, "mapped.sock")
    const info = await startEngineInfo(mapped, "/var/lib/docker/200000.200000")
    agent = await startVolumes(folder, mapped, { volumes: [of(2)] })
    await isReady(2)
    expect(statSync(place(2)).uid).toBe(265534)
    asContainer(`echo x > ${place(2)}/file`, 265534)
    await info.stop()
  })

  it("is there again after the machine's start, with its data, before the platform has spoken", async () => {
    unmountAll(folder)
    const { stopped } = await start([of(1, 256)], false)
    await isReady(1)
    expect(asContainer(`cat ${place(1)}/file`)).toBe("kept\n")
    expect(mountsBelow(folder)).toEqual([place(1)])
    expect(stopped).toEqual([])
  })

  it("is nothing that a container can write while it is not mounted, and one that began too early is ended", async () => {
    unmountAll(folder)
    expect(() => asContainer(`echo x > ${place(1)}/file`)).toThrow()
    agent = await startVolumes(folder, socket, { volumes: [], fresh: false })
    agent.run([containerOf(serviceId(1)), containerOf(serviceId(3))])
    agent.desire([of(1, 256)])
    await isReady(1)
    expect(agent.stopped).toEqual([`container-of-${serviceId(1)}`])
  })

  it("is mounted by the device that a container still holds: never twice by two devices", async () => {
    const aside = join(folder, "held")
    execFileSync("mkdir", ["-p", aside])
    execFileSync("mount", ["--bind", place(1), aside])
    execFileSync("umount", [place(1)])
    const { stopped, run } = await start([])
    run([containerOf(serviceId(1))])
    agent?.desire([of(1, 256)])
    await isReady(1)
    const devices = execFileSync("losetup", ["--noheadings", "--output", "NAME", "--associated", image(1)])
    expect(devices.toString().trim().split("\n")).toHaveLength(1)
    writeFileSync(join(aside, "through"), "both")
    expect(asContainer(`cat ${place(1)}/through`)).toBe("both")
    expect(stopped).toEqual([])
    execFileSync("umount", [aside])
  })
})

it("is not mounted any more after an agent of a developer has ended", async () => {
  agent = await startVolumes(folder, socket, { volumes: [of(8)], development: true })
  await isReady(8)
  expect(mountsBelow(folder)).toContain(place(8))
  await agent.stop()
  expect(mountsBelow(folder)).not.toContain(place(8))
})

describe("a volume that nobody wants any more", () => {
  it("stays while only the disk says so, and while a container has it", async () => {
    const { said, run, desire } = await start([of(1, 256)], false)
    await isReady(1)
    run([containerOf(serviceId(1))])
    desire([], false)
    await until("that it is no more reported", () => agent?.volumes.ready().length === 0 || undefined)
    expect(existsSync(image(1))).toBe(true)
    desire([])
    await until("a note", () => said.find((line) => line.includes("a container still has it")))
    expect(mountsBelow(folder)).toContain(place(1))
  })

  it("is put aside, and comes back with its data when that was a mistake", async () => {
    const { desire } = await start([])
    await until("its removal", () => !existsSync(image(1)) || undefined)
    expect(names(1)).toEqual([expect.stringMatching(/\.img\.removed-\d{4}-/)])
    expect(mountsBelow(folder)).not.toContain(place(1))
    desire([of(1, 256)])
    await isReady(1)
    expect(asContainer(`cat ${place(1)}/file`)).toBe("kept\n")
    expect(names(1).toSorted()).toEqual([serviceId(1), `${serviceId(1)}.img`])
  })

  it("is deleted a week later", async () => {
    const { desire } = await start([of(1, 256), of(4)])
    await isReady(4)
    desire([of(1, 256)])
    const removed = await until("its removal", () => names(4).find((name) => name.includes(".removed-")))
    const old = removedName(serviceId(4), new Date(Date.now() - 8 * 24 * 60 * 60 * 1000))
    renameSync(join(folder, "volumes", removed), join(folder, "volumes", old))
    desire([of(1, 256)])
    await until("its end", () => names(4).length === 0 || undefined)
    expect(names(1)).toContain(`${serviceId(1)}.img`)
  })
})

describe("a volume that cannot be made", () => {
  it("is a problem in words, and others are made", async () => {
    writeFileSync(image(5), "no file system")
    truncateSync(image(5), 32 * MiB)
    const { volumes, desire } = await start([of(5), of(6)])
    await isReady(6)
    await until("a problem", () => volumes.problem() ?? undefined)
    expect(volumes.ready()).toEqual([serviceId(6)])
    expect(volumes.problem()).toContain(
      `the volume of ${serviceId(5)} is not ready: its file system is damaged`,
    )
    desire([of(6), { serviceId: serviceId(7), sizeBytes: 5 }])
    await until("the other", () => volumes.problem()?.includes("it cannot have 5 bytes") || undefined)
  })

  it("is a problem where the kernel has no loop devices, and nothing else takes its place", async () => {
    const hide = 'mount -t tmpfs tmpfs /dev && : > /dev/null; exec "$@"'
    const fileSystems = makeFileSystems({
      prefix: ["unshare", "--mount", "sh", "-c", hide, "--"],
      mountinfo: "/proc/self/mountinfo",
    })
    const [img, at] = [join(folder, "alone.img"), join(folder, "alone")]
    const { reason } = await Effect.runPromise(
      fileSystems
        .create(img, `${img}.new`, 32 * MiB, { uid: 65534, gid: 65534 })
        .pipe(Effect.andThen(fileSystems.mount(img, at)), Effect.flip),
    )
    expect(reason).toMatch(/^it cannot be mounted \(that takes loop devices.*\): mount says: /)
    expect(() => asContainer(`echo x > ${at}/file 2>/dev/null`)).toThrow()
  })
})
