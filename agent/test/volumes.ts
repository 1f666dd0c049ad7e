import { execFileSync } from "node:child_process"
import { readFileSync } from "node:fs"
import { createServer } from "node:http"
import { join } from "node:path"
import type { DesiredVolume } from "@skypanel/contract/AgentProtocol"
import type { ServiceId } from "@skypanel/contract/Id"
import { Effect, Layer, Logger, ManagedRuntime, Stream } from "effect"
import { makeChanges } from "../src/Changes.ts"
import { AgentConfig } from "../src/config.ts"
import { DesiredState, nothing } from "../src/desired/DesiredState.ts"
import { ContainerEngine } from "../src/engine/ContainerEngine.ts"
import type { Container } from "../src/observer/Container.ts"
import { Volumes } from "../src/volumes/Volumes.ts"
import { organizationId } from "./containers.ts"
import { deploymentId, placementId, settings } from "./edge.ts"

/** An engine that says where its data is, and nothing else. */
export const startEngineInfo = async (socket: string, dockerRoot: string) => {
  const server = createServer((_, response) => {
    response.setHeader("content-type", "application/json")
    response.end(JSON.stringify({ DockerRootDir: dockerRoot }))
  })
  await new Promise<void>((resolve) => server.listen(socket, resolve))
  return { stop: () => new Promise((resolve) => server.close(resolve)) }
}

/** A running container of a service. */
export const containerOf = (serviceId: ServiceId): Container => ({
  id: `container-of-${serviceId}`,
  organizationId,
  serviceId,
  deploymentId: deploymentId(1),
  placementId: placementId(1),
  state: "running",
  exitCode: null,
  outOfMemory: false,
  startedAt: null,
  address: null,
})

/** The real volumes; what is desired and what runs is the test's to say. */
export const startVolumes = async (
  dataFolder: string,
  dockerSocket: string,
  first: {
    readonly volumes: ReadonlyArray<DesiredVolume>
    readonly fresh?: boolean
    readonly development?: boolean
  },
) => {
  const changes = await Effect.runPromise(makeChanges)
  let { volumes, fresh = true } = first
  let containers: ReadonlyArray<Container> = []
  const stopped: Array<string> = []
  const said: Array<string> = []
  const runtime = ManagedRuntime.make(
    Volumes.layer.pipe(
      Layer.provide(
        Layer.mergeAll(
          Layer.succeed(
            AgentConfig,
            settings({ dataFolder, dockerSocket, development: first.development ?? false }),
          ),
          Layer.succeed(DesiredState, {
            current: () => ({ ...nothing, volumes }),
            isFresh: () => fresh,
            accept: () => Effect.void,
            changes: changes.stream,
          }),
          Layer.succeed(ContainerEngine, {
            listed: Effect.sync(() => containers.map(({ id, state }) => ({ id, state }))),
            container: (id) => Effect.sync(() => containers.find((one) => one.id === id) ?? null),
            stop: (id) => Effect.sync(() => void stopped.push(id)),
            events: Stream.never,
            lastLines: () => Effect.succeed([]),
            output: () => Stream.never,
          }),
          Logger.layer([Logger.make(({ message }) => said.push(String(message)))]),
        ),
      ),
    ),
  )
  return {
    volumes: await runtime.runPromise(Volumes),
    stopped,
    said,
    run: (now: ReadonlyArray<Container>) => {
      containers = now
    },
    desire: (now: ReadonlyArray<DesiredVolume>, isFresh = true) => {
      volumes = now
      fresh = isFresh
      changes.tellUnsafe()
    },
    stop: () => runtime.dispose(),
  }
}

/** What is mounted below a folder. */
export const mountsBelow = (folder: string): ReadonlyArray<string> =>
  readFileSync("/proc/self/mountinfo", "utf8")
    .split("\n")
    .map((line) => line.split(" ")[4] ?? "")
    .filter((place) => place.startsWith(`${folder}/`))

/** As after the machine's start. */
export const unmountAll = (folder: string): void => {
  for (const place of mountsBelow(folder).toReversed()) execFileSync("umount", [place])
}

/** Everything of a volume, by the user that containers run as. */
export const asContainer = (command: string, uid = 65534): string =>
  execFileSync("setpriv", [
    ...["--reuid", String(uid), "--regid", String(uid), "--clear-groups", "--inh-caps=-all"],
    ...["sh", "-c", command],
  ]).toString()

export const mountPointIn = (dataFolder: string, id: ServiceId) => join(dataFolder, "volumes", id)
