import type { BuildObserved } from "@skypanel/contract/BuildAssignment"
import type { OrganizationId } from "@skypanel/contract/Id"
import { Effect, Layer, ManagedRuntime } from "effect"
import { SqlClient } from "effect/sql"
import { Images, type Publication } from "../src/artifacts/Images.ts"
import { RegistryCredential } from "../src/artifacts/RegistryCredential.ts"
import { runBuildQueue } from "../src/deploy/buildQueue.ts"
import { layerDeploy } from "../src/deploy/Deploy.ts"
import { layerWorkflowEngine } from "../src/deploy/engine.ts"
import { runReconciler } from "../src/deploy/Reconciler.ts"
import { runStacks } from "../src/deploy/stacks/run.ts"
import { layerFleet, runFleet } from "../src/fleet/layer.ts"
import { Notifications } from "../src/notify/Notifications.ts"
import { layerMemory, layerMemoryCluster } from "../src/orchestrator/Memory.ts"
import { Sealing } from "../src/sealing/Sealing.ts"
import { Changes } from "../src/store/Changes.ts"
import { StackTemplates } from "../src/templates/StackTemplates.ts"
import { Templates } from "../src/templates/Templates.ts"
import { type ScriptedOptions, ScriptedWorker } from "./ScriptedWorker.ts"
import { storeFor } from "./store.ts"

let made = 0
/** Images of nothing: only their rows are there. Each is another, unless `same` says otherwise. */
const layerImages = (images: { same: boolean }) =>
  Layer.effect(
    Images,
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const base = "00000000000000000000000000000000-app"
      const layers = [{ digest: "sha256:0", size: 100, new: true }]
      return {
        publish: ({ organizationId, serviceId }: Publication) =>
          Effect.gen(function* () {
            const before = yield* sql<{
              digest: string
            }>`select digest from image where service_id = ${serviceId}
            order by published_at desc limit 1`
            if (images.same && before[0] !== undefined)
              return { digest: before[0].digest, configDigest: "", layers, totalBytes: 100, newBytes: 0 }
            const digest = `sha256:${String(++made).padStart(64, "0")}`
            yield* sql`insert into nar (file_hash, file_size, nar_hash, nar_size) values ('0', 1, '0', 1) on conflict do nothing`
            yield* sql`insert into store_path (base, hash, file_hash, nar_hash, nar_size, substituted, uploaded_by)
            values (${base}, left(${base}, 32), '0', '0', 1, false, '') on conflict do nothing`
            yield* sql`insert into image ${sql.insert({
              organization_id: organizationId,
              service_id: serviceId,
              digest,
              key: digest,
              config_digest: "",
              manifest: "",
              config: "",
              store_path: base,
              total_bytes: 100,
              new_bytes: 100,
            })}`
            return { digest, configDigest: "", layers, totalBytes: 100, newBytes: 100 }
          }),
        forget: () => Effect.void,
      } as never
    }),
  )

const layerCredential = Layer.succeed(RegistryCredential, {
  forRepository: () => ({ username: "u", password: "p" }),
} as never)

/** A build that was quick. */
export const succeeded = (id: BuildObserved["id"]): BuildObserved => ({
  id,
  phase: "succeeded",
  result: {
    storePath: "/nix/store/00000000000000000000000000000000-app",
    command: ["/nix/store/00000000000000000000000000000000-app/bin/app"],
    revision: "abc",
    recognisedAs: "a test",
    closureBytes: 1,
    closurePaths: 1,
  },
  failure: null,
  logSeq: 0,
})

type Told = Parameters<Notifications["Service"]["tell"]>[0]

/**
 * Deployments and fleet of the platform over a real database and workflow engine; the orchestrator is a map, and the
 * workers are scripted.
 */
export const startScriptedFleet = async (
  databaseUrl: string,
  settings: Record<string, string> = {},
  /** Tells people for real, where a test gives them. */
  layerNotifications: Layer.Layer<Notifications> | null = null,
) => {
  const told: Array<Told> = []
  const images = { same: false }
  const nodes = Array.from({ length: 20 }, (_, at) => `node-${at + 1}`)
  const layerTold = Layer.succeed(Notifications, {
    tell: (one: Told) => Effect.sync(() => void told.push(one)),
    tellOwners: (_: OrganizationId, one: Told) => Effect.sync(() => void told.push(one)),
    tellMembers: (_: OrganizationId, one: Told) => Effect.sync(() => void told.push(one)),
    tellStarter: (_: OrganizationId, __: string | null, one: Told) => Effect.sync(() => void told.push(one)),
  } as never)
  const Services = layerDeploy.pipe(
    Layer.provideMerge(layerFleet),
    Layer.provideMerge(layerWorkflowEngine),
    Layer.provideMerge(
      Layer.mergeAll(
        Templates.layer,
        StackTemplates.layer,
        layerMemory,
        layerMemoryCluster(nodes),
        layerImages(images),
        layerCredential,
        layerNotifications ?? layerTold,
        Changes.layer,
        Sealing.layerForgetful,
      ),
    ),
    Layer.provideMerge(storeFor(databaseUrl, { SKYPANEL_HEALTH_DEADLINE_SECONDS: "2", ...settings })),
  )
  const loops = Layer.effectDiscard(
    Effect.andThen(
      Effect.forkScoped(Effect.all([runReconciler, runBuildQueue, runStacks], { concurrency: 3 })),
      runFleet,
    ),
  )
  const runtime = ManagedRuntime.make(loops.pipe(Layer.provideMerge(Services)) as never)
  const run = <A, E, R>(effect: Effect.Effect<A, E, R>): Promise<A> =>
    runtime.runPromise(effect as never) as Promise<A>
  const workers: Array<ScriptedWorker> = []
  return {
    run,
    told,
    /** With `same` what is built from now on is what was built before. */
    images,
    workers,
    /** Adds one, and connects it. */
    addWorker: async (options: ScriptedOptions = {}) => {
      const worker = new ScriptedWorker(run, workers.length + 1, options)
      worker.script = {
        ...worker.script,
        builds: (desired) => desired.builds.map(({ id }) => succeeded(id)),
      }
      workers.push(worker)
      return worker.start()
    },
    /** Lets every worker look and report again. */
    observe: () => Promise.all(workers.map((worker) => worker.observe())),
    stop: async () => {
      for (const worker of workers) await worker.stop()
      await runtime.dispose()
    },
  }
}
