import { execFileSync } from "node:child_process"
import { existsSync, mkdirSync } from "node:fs"
import { join } from "node:path"
import { NodeServices } from "@effect/platform-node"
import { Effect, Exit, Scope } from "effect"
import { describe, expect, it, vi } from "vitest"
import { isRunning } from "../../dev/processes.ts"
import { useLab } from "./fixtures.ts"
import { BUSYBOX, BUSYBOX_PROGRAM, importBusybox } from "./images.ts"
import { type LabWorker, makeLab } from "./lab.ts"

const run = <A, E>(effect: Parameters<typeof provided<A, E>>[0]) => Effect.runPromise(provided(effect))
const provided = <A, E>(effect: Effect.Effect<A, E, NodeServices.NodeServices>) =>
  Effect.provide(effect, NodeServices.layer)

const PATIENCE = { timeout: 30_000, interval: 100 }

describe("a lab", () => {
  const lab = useLab()
  const workers: Array<LabWorker> = []
  const founder = () => workers[0]!
  const other = () => workers[1]!

  const taskStates = async () =>
    (await founder().docker.listTasks({ filters: { "desired-state": ["running"] } })).map(
      (task: { Status: { State: string }; NodeID: string }) => [task.NodeID, task.Status.State],
    )

  /** The container's address that the machine itself reaches: the one on docker_gwbridge. */
  const addressOn = async (worker: LabWorker) => {
    const network = await worker.docker.getNetwork("docker_gwbridge").inspect()
    const addresses = Object.entries(network.Containers ?? {})
      .filter(([name]) => !name.startsWith("gateway_") && !name.startsWith("ingress"))
      .map(([, container]) => (container as { IPv4Address: string }).IPv4Address.split("/")[0])
    expect(addresses).toHaveLength(1)
    return addresses[0]
  }

  it("is a swarm of real engines on one network", async () => {
    workers.push(await run(lab().addWorker), await run(lab().addWorker))
    const nodes = await founder().docker.listNodes()
    expect(nodes).toHaveLength(2)
    for (const worker of workers) await importBusybox(worker.docker)
  })

  it("runs a container on each, which this machine and the other container reach", async () => {
    const { docker } = founder()
    const network = await docker.createNetwork({ Name: "tenant", Driver: "overlay", Attachable: true })
    await docker.createService({
      Name: "web",
      Mode: { Global: {} },
      EndpointSpec: { Mode: "dnsrr" },
      TaskTemplate: {
        ContainerSpec: {
          Image: BUSYBOX,
          Command: [BUSYBOX_PROGRAM, "httpd", "-f", "-p", "8000", "-h", "/usr"],
        },
        Networks: [{ Target: network.id }],
      },
    })
    await vi.waitFor(
      async () => expect((await taskStates()).map(([, state]) => state)).toEqual(["running", "running"]),
      PATIENCE,
    )
    for (const worker of workers) {
      const url = `http://${await addressOn(worker)}:8000/`
      const { status } = await vi.waitFor(() => fetch(url, { signal: AbortSignal.timeout(2000) }), PATIENCE)
      expect(status).toBe(404) // no index.html: it is busybox that answers
    }
    const [container] = await other().docker.listContainers()
    const exec = await other()
      .docker.getContainer(container?.Id ?? "")
      .exec({
        Cmd: [BUSYBOX_PROGRAM, "nslookup", "tasks.web"],
        AttachStdout: true,
      })
    const stream = await exec.start({})
    let output = ""
    stream.on("data", (bytes) => (output += bytes))
    await new Promise((resolve) => stream.on("end", resolve))
    expect(output.match(/^Address: 10\.\d+\.\d+\.\d+/gm)).toHaveLength(2)
  })

  it("loses a worker whose cable is out, and gets it back", async () => {
    const id = await run(other().nodeId)
    const stateOf = async () => (await founder().docker.getNode(id).inspect()).Status.State
    const reaches = () =>
      fetch(`http://${other().address}:7946/`, { signal: AbortSignal.timeout(300) }).then(
        () => true,
        (error) => error.name !== "TimeoutError", // refused or nonsense: but somebody is there
      )
    expect(await reaches()).toBe(true)
    await run(other().cut)
    expect(await reaches()).toBe(false)
    await run(other().mend)
    await vi.waitFor(async () => expect(await reaches()).toBe(true), PATIENCE)
    expect(await stateOf()).toBe("ready")
  })

  it("starts a worker again after a power loss, with its containers", async () => {
    const [before] = await other().docker.listContainers()
    await run(other().kill)
    expect(existsSync(other().socket)).toBe(false)
    await run(other().start)
    await vi.waitFor(
      async () => {
        const [after] = await other().docker.listContainers()
        expect(after?.State).toBe("running")
        expect(after?.Id).not.toBe(before?.Id)
      },
      { timeout: 60_000, interval: 200 },
    )
  }, 90_000)
})

it("leaves nothing when its scope closes, with workers frozen and cut off and a disk mounted", async () => {
  const scope = Effect.runSync(Scope.make())
  const pids = await run(
    Effect.gen(function* () {
      const lab = yield* Scope.provide(makeLab, scope)
      const worker = yield* lab.addWorker
      yield* worker.cut
      yield* worker.freeze
      const disk = join(lab.directory, "disk")
      mkdirSync(disk)
      execFileSync("mount", ["-t", "tmpfs", "disk", disk])
      return { directory: lab.directory, namespace: worker.namespace, processes: yield* worker.processes }
    }),
  )
  expect(pids.processes.length).toBeGreaterThan(1)
  await run(Scope.close(scope, Exit.void))
  expect(pids.processes.filter(isRunning)).toEqual([])
  expect(existsSync(pids.directory)).toBe(false)
  expect(existsSync(`/run/netns/${pids.namespace}`)).toBe(false)
}, 60_000)
