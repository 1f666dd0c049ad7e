import type { LogLine } from "@skypanel/contract/Log"
import { Effect, Fiber, Stream } from "effect"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { useEngine } from "../../../test/lab/fixtures.ts"
import { BUSYBOX, importBusybox } from "../../../test/lab/images.ts"
import { place, prepareNetwork, startObserver, until, watch } from "../../test/containers.ts"
import { deploymentId, serviceId } from "../../test/edge.ts"

const engine = useEngine()
let agent: Awaited<ReturnType<typeof startObserver>>
const box = "/usr/bin/busybox"
const serves = (port: number) =>
  `${box} mkdir /w; echo hi > /w/ok; echo ready; exec ${box} httpd -f -p ${port} -h /w`
const scripts: ReadonlyArray<readonly [n: number, script: string]> = [
  [1, serves(3000)],
  [2, "echo 'listening on 9999'; exec /usr/bin/busybox sleep 1000"],
  [3, serves(3000)],
  [4, "echo 'no database'; echo 'giving up' >&2; exit 3"],
  // It accepts connections, as the kernel does for it, and never answers.
  [5, `${box} httpd -f -p 3000 -h / & p=$!; ${box} sleep 0.2; kill -STOP $p; exec ${box} sleep 1000`],
  // The engine misses the kernel's notice in the first moments of a container, and when its cgroup is gone by then.
  [6, `${box} sleep 1; ${box} tail /dev/zero; ${box} sleep 1; exit 137`],
  [12, `exec ${box} sleep 1000`],
  [13, "exit 0"],
]

const of = (n: number) =>
  agent.observer.containers().find((container) => container.deploymentId === deploymentId(n))

beforeAll(async () => {
  const { docker, socket } = engine()
  await importBusybox(docker)
  await prepareNetwork(docker)
  agent = await startObserver(socket)
  agent.desire({
    placements: [
      ...[1, 2, 5, 6].map((n) => watch(n, 3000, n === 2 ? null : "/ok")),
      watch(3, 3000, "/missing"),
      watch(4, 3000, null),
      // Without a port.
      watch(12, 0, null),
      watch(13, 0, null),
    ],
  })
  await Promise.all(
    scripts.map(([n, script]) =>
      place(docker, BUSYBOX, n, script, n === 6 ? { memoryBytes: 8 * 2 ** 20 } : {}),
    ),
  )
})
afterAll(() => agent?.stop())

describe("the observer", () => {
  it("finds a container healthy soon after its start, at an address that this machine reaches", async () => {
    const backend = await until("a backend", () => agent.observer.backends()[0])
    expect(backend).toMatchObject({ deploymentId: deploymentId(1), port: 3000 })
    const answer = await fetch(`http://${backend.address}:${backend.port}/ok`)
    expect(await answer.text()).toBe("hi\n")
    expect(of(1)).toMatchObject({
      state: "running",
      healthy: true,
      probe: "GET /ok answered 200",
      lastLines: [],
    })
  })

  it("says in words why one is not healthy, with its last lines", async () => {
    const refused = await until("lines", () => (of(2)?.lastLines.length ? of(2) : undefined))
    expect(refused).toMatchObject({
      healthy: false,
      probe: "connection refused: nothing listens on port 3000",
      lastLines: ["listening on 9999"],
    })
    expect(of(3)).toMatchObject({ healthy: false, probe: "GET /missing answered 404" })
    await until("the slow one", () => of(5)?.probe === "GET /ok did not answer within 2 s" || undefined, 10)
  })

  it("reports how one ended, with its last lines at once", async () => {
    const ended = await until("its end", () => (of(4)?.state === "exited" ? of(4) : undefined))
    expect(ended).toMatchObject({
      healthy: false,
      exitCode: 3,
      outOfMemory: false,
      probe: "it exited with code 3",
    })
    expect(ended.lastLines.toSorted()).toEqual(["giving up", "no database"])
  })

  it("tells when memory was the reason", async () => {
    const ended = await until("the reason", () => (of(6)?.outOfMemory ? of(6) : undefined))
    expect(ended).toMatchObject({ state: "exited", probe: "it used more memory than it may" })
  })

  it("takes one without a port for healthy once it has stayed up, and never one that ends", async () => {
    const steady = await until("its health", () => (of(12)?.healthy ? of(12) : undefined))
    expect(Date.now() - Date.parse(steady.startedAt!)).toBeGreaterThanOrEqual(10_000)
    expect(steady).toMatchObject({ state: "running", probe: "its process has stayed up for 10 s" })
    const ended = await until("its end", () => (of(13)?.state === "exited" ? of(13) : undefined))
    expect(ended).toMatchObject({ healthy: false, exitCode: 0 })
    expect(agent.observer.backends().map((one) => one.deploymentId)).toEqual([deploymentId(1)])
  })

  it("takes no container for ours whose labels are not ids", async () => {
    const placed = await place(engine().docker, BUSYBOX, 7, `exec ${box} sleep 1000`, {
      labels: { "skypanel.organization": "../../etc" },
    })
    let listed = 0
    while (listed < scripts.length + 1) listed = (await agent.runtime.runPromise(agent.engine.listed)).length
    await expect(agent.runtime.runPromise(agent.engine.container("nonexistent"))).resolves.toBeNull()
    expect(of(7)).toBeUndefined()
    await placed.remove()
  })

  it("forgets a container that is gone", async () => {
    const placed = await place(engine().docker, BUSYBOX, 8, `exec ${box} sleep 1000`)
    await until("its start", () => (of(8)?.state === "running" ? true : undefined))
    await placed.remove()
    await until("its end", () => (of(8) === undefined ? true : undefined))
  })

  it("takes a healthy one out of service that no longer answers, and back when it does", async () => {
    const { docker } = engine()
    const id = of(1)!.containerId
    await docker.getContainer(id).pause()
    await until("unhealthy", () => (of(1)?.healthy === false ? true : undefined))
    expect(agent.observer.backends()).toEqual([])
    await docker.getContainer(id).unpause()
    await until("healthy again", () => (of(1)?.healthy === true ? true : undefined))
  })
})

describe("runtime logs", () => {
  const read = async (
    n: number,
    lines: number,
    follow: boolean,
    enough: (lines: Array<LogLine>) => boolean,
  ) => {
    const id = `${n}-${Math.random()}`
    const got: Array<LogLine> = []
    let ended = false
    const reading = agent.runtime.runFork(
      agent.logs.batches.pipe(
        Stream.filter((batch) => batch.id === id),
        Stream.runForEach((batch) =>
          Effect.sync(() => {
            got.push(...batch.lines)
            ended ||= batch.end
          }),
        ),
      ),
    )
    agent.desire({ logs: [{ id, serviceId: serviceId(n), lines, follow }] })
    await until("the lines", () => (ended || enough(got) ? true : undefined))
    agent.desire({ logs: [] })
    await Effect.runPromise(Fiber.interrupt(reading))
    return { lines: got, ended }
  }

  it("gives the last lines in order, cleaned, and ends", async () => {
    const script = `${box} printf '1\\n\\033[31mred\\033[0m\\033]0;title\\007\\n\\377\\n'; ${box} head -c 40000 /dev/zero | ${box} tr '\\0' x; echo; exec ${box} sleep 1000`
    const placed = await place(engine().docker, BUSYBOX, 9, script)
    await until("its start", () => (of(9)?.state === "running" ? true : undefined))
    let lines: Array<LogLine> = []
    while (lines.length < 4) lines = (await read(9, 10, false, () => false)).lines
    expect(lines.map(({ text }) => text.slice(0, 30))).toEqual([
      "1",
      "\u001b[31mred\u001b[0m",
      "\ufffd",
      "x".repeat(30),
    ])
    expect(Buffer.byteLength(lines[3]!.text)).toBeLessThanOrEqual(16 * 1024)
    expect(lines[3]!.text).toMatch(/… \(cut\)$/)
    expect(lines.map(({ seq }) => seq)).toEqual([1, 2, 3, 4])
    expect(lines[0]!.origin).toBe(of(9)!.containerId.slice(0, 12))
    expect((await read(9, 1, false, () => false)).lines).toHaveLength(1)
    await placed.remove()
  })

  it("says that there is nothing of a service without containers", async () => {
    expect(await read(99, 10, false, () => false)).toEqual({ lines: [], ended: true })
  })

  it("follows what is printed later, and each line once", async () => {
    const script = `i=0; while true; do echo $i; i=$((i+1)); ${box} sleep 0.05; done`
    const placed = await place(engine().docker, BUSYBOX, 10, script)
    await until("its start", () => (of(10)?.state === "running" ? true : undefined))
    const { lines } = await read(10, 5, true, (got) => got.length > 30)
    const numbers = lines.map(({ text }) => Number(text))
    expect(numbers).toEqual(numbers.map((_, index) => numbers[0]! + index))
    await placed.remove()
  })

  it("drops what is too much, and says so", async () => {
    const placed = await place(engine().docker, BUSYBOX, 11, `exec ${box} yes flood`)
    await until("its start", () => (of(11)?.state === "running" ? true : undefined))
    const { lines } = await read(11, 5, true, (got) => got.some(({ stream }) => stream === "note"))
    const note = lines.find(({ stream }) => stream === "note")!
    expect(note.text).toMatch(/^\d+ lines dropped: /)
    expect(lines.length).toBeLessThan(6_000)
    await placed.remove()
  })
})
