import type Docker from "dockerode"
import { Effect } from "effect"
import { type Lab, type LabWorker, makeLab } from "../../test/lab/lab.ts"
import { until } from "../../test/lab/until.ts"
import { attempt, run as program } from "../processes.ts"
import { openScope } from "./scoped.ts"

/** Nothing listens at its registry: an engine that looks for a newer one gives up at once, and takes what it has. */
const [repo, tag] = ["127.0.0.1:1/web", "1"]
const image = `${repo}:${tag}`
/** Of every service, on both sides. */
export const servicePort = 3000
const firstPort = 9_000

/** A Docker Swarm with its defaults: a manager that runs nothing, and as many workers as ours has. */
export interface UsualFleet {
  readonly workers: ReadonlyArray<LabWorker>
  /** Gives every engine the image that a container of ours was made of. */
  readonly takeImage: (from: Docker, imageId: string) => Promise<void>
  /** Starts so many services, one instance each; they answer on ports of the machines that they run on. */
  readonly create: (services: number) => Promise<void>
  /** Where a service may answer: nobody but Swarm knows on which machine it is. */
  readonly placesOf: (service: number) => ReadonlyArray<{ readonly address: string; readonly port: number }>
  /** Services whose running task Swarm has on this worker. */
  readonly servicesOn: (worker: LabWorker) => Promise<ReadonlyArray<number>>
  /** Containers that run on this worker, by its engine's own word. */
  readonly running: (worker: LabWorker) => Promise<number>
  readonly setAvailability: (worker: LabWorker, to: "active" | "drain") => Promise<void>
  readonly kill: (worker: LabWorker) => Promise<void>
  readonly start: (worker: LabWorker) => Promise<void>
  readonly stop: () => Promise<void>
}

const found = async (manager: LabWorker, workers: ReadonlyArray<LabWorker>) => {
  const at = (worker: LabWorker) => ({ ListenAddr: `${worker.address}:2377`, AdvertiseAddr: worker.address })
  await manager.docker.swarmInit(at(manager))
  const { JoinTokens } = await manager.docker.swarmInspect()
  for (const worker of workers)
    await worker.docker.swarmJoin({
      ...at(worker),
      RemoteAddrs: [`${manager.address}:2377`],
      JoinToken: JoinTokens.Worker,
    })
}

const copyImage = async (from: Docker, imageId: string, to: Docker) => {
  const loading = await to.loadImage((await from.getImage(imageId).get()) as never)
  await new Promise((resolve, reject) => loading.on("end", resolve).on("error", reject).resume())
  await to.getImage(imageId).tag({ repo, tag })
}

export const startUsualFleet = async (count: number): Promise<UsualFleet> => {
  const { run, close } = openScope()
  try {
    const lab: Lab = await run(makeLab)
    const manager = await run(lab.addMachine)
    const workers: Array<LabWorker> = []
    for (let at = 0; at < count; at++) workers.push(await run(lab.addMachine))
    await found(manager, workers)
    const docker = (...args: ReadonlyArray<string>) =>
      program("docker", ["--host", `unix://${manager.socket}`, ...args])
    const nodes = new Map<LabWorker, string>()
    for (const worker of workers) nodes.set(worker, await Effect.runPromise(worker.nodeId))
    await docker("node", "update", "--availability", "drain", await Effect.runPromise(manager.nodeId))
    const servicesOn = async (worker: LabWorker) => {
      const lines = await docker(
        ...["node", "ps", nodes.get(worker)!, "--filter", "desired-state=running"],
        ...["--format", "{{.Name}} {{.CurrentState}}"],
      )
      return Array.from(lines.matchAll(/^web-(\d+)\.\S* Running/gm), ([, number]) => Number(number))
    }
    return {
      workers,
      takeImage: async (from, imageId) => {
        for (const worker of workers) await copyImage(from, imageId, worker.docker)
      },
      create: async (services) => {
        // The lab's engines have no bridge of their own: without a network nothing would be published.
        await docker("network", "create", "--driver", "overlay", "web")
        for (let at = 0; at < services; at++)
          await docker(
            ...["service", "create", "--detach", "--no-resolve-image", "--name", `web-${at}`],
            ...["--replicas", "1", "--env", `PORT=${servicePort}`, "--user", "65534:65534", "--init"],
            ...["--network", "web", "--endpoint-mode", "dnsrr"],
            ...["--publish", `mode=host,target=${servicePort},published=${firstPort + at}`, image],
          )
        await until(
          "Swarm to run all services",
          async () => {
            const on = await Promise.all(workers.map((worker) => servicesOn(worker)))
            return on.flat().length === services ? true : null
          },
          240,
        )
      },
      placesOf: (service) => workers.map(({ address }) => ({ address, port: firstPort + service })),
      servicesOn,
      running: async (worker) => (await worker.docker.listContainers()).length,
      setAvailability: async (worker, to) =>
        void (await docker("node", "update", "--availability", to, nodes.get(worker)!)),
      kill: (worker) => run(worker.kill),
      start: async (worker) => {
        await run(worker.start)
        await until(
          "the node to be ready again",
          async () =>
            (
              await attempt("docker", [
                ...["--host", `unix://${manager.socket}`, "node", "inspect"],
                ...["--format", "{{.Status.State}}", nodes.get(worker)!],
              ])
            )?.trim() === "ready"
              ? true
              : null,
          120,
        )
      },
      stop: close,
    }
  } catch (error) {
    await close()
    throw error
  }
}
