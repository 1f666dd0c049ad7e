import { Api } from "@skypanel/contract/Api"
import { Effect } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { Mover } from "../fleet/Mover.ts"
import { removeByForce } from "../fleet/removal.ts"
import { drainWorker, removeWorker, undrainWorker } from "../fleet/requests/availability.ts"
import { noSuchWorker } from "../fleet/requests/lockedWorker.ts"
import { moveServices, readmitWorker } from "../fleet/requests/rescue.ts"
import { updateWorker } from "../fleet/requests/update.ts"
import { listAudit } from "../store/Audit.ts"
import { orUnavailable } from "../store/Database.ts"
import { listSamples } from "../store/Measurements.ts"
import { viewWorkerImages } from "../store/WorkerImages.ts"
import { findWorker } from "../store/Workers.ts"
import { listWorkerInstances, listWorkers, viewWorker } from "../store/WorkerViews.ts"
import { administrator } from "./administrator.ts"

const hoursMost = 168

/** The row of a worker, also of one that was removed. */
const rowOf = (name: string) =>
  Effect.flatMap(findWorker(name), (row) =>
    row === null ? Effect.fail(noSuchWorker(name)) : Effect.succeed(row),
  )

const viewOf = (name: string) =>
  Effect.gen(function* () {
    const mover = yield* Mover
    const worker = yield* viewWorker(name, mover.stuckOn)
    if (worker === null) return yield* noSuchWorker(name)
    return worker
  })

const forceRemoval = (name: string, actor: string) =>
  Effect.gen(function* () {
    const row = yield* rowOf(name)
    if (row.removed_at !== null) return yield* noSuchWorker(name)
    yield* removeByForce(row, actor)
  })

/** Does what an administrator wants of a worker, and answers with it as it is then. */
const order = <E, R>(name: string, act: (actor: string) => Effect.Effect<unknown, E, R>) =>
  Effect.gen(function* () {
    const { email } = yield* administrator
    yield* act(email)
    return yield* viewOf(name)
  }).pipe(orUnavailable)

const read = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.andThen(administrator, effect).pipe(orUnavailable)

export const layerWorkers = HttpApiBuilder.group(
  Api,
  "workers",
  Effect.fn(function* (handlers) {
    const mover = yield* Mover
    return handlers.handleAll({
      list: ({ query }) => read(listWorkers(query.search, mover.stuckOn)),
      get: ({ params }) => read(viewOf(params.worker)),
      instances: ({ params }) =>
        read(Effect.flatMap(rowOf(params.worker), ({ id }) => listWorkerInstances(id))),
      images: ({ params }) => read(Effect.flatMap(rowOf(params.worker), ({ id }) => viewWorkerImages(id))),
      history: ({ params, query }) =>
        read(
          Effect.flatMap(rowOf(params.worker), ({ id }) =>
            listSamples(id, Math.min(Math.max(Math.trunc(query.hours ?? 3), 1), hoursMost)),
          ),
        ),
      events: ({ params }) => read(Effect.flatMap(rowOf(params.worker), ({ id }) => listAudit(id))),
      update: ({ params, payload }) =>
        Effect.gen(function* () {
          const { email } = yield* administrator
          return yield* viewOf(yield* updateWorker(params.worker, payload, email))
        }).pipe(orUnavailable),
      drain: ({ params, payload }) =>
        order(params.worker, (actor) => drainWorker(params.worker, payload.minutes, actor)),
      undrain: ({ params }) => order(params.worker, (actor) => undrainWorker(params.worker, actor)),
      moveServices: ({ params, payload }) =>
        order(params.worker, (actor) => moveServices(params.worker, payload.force === true, actor)),
      readmit: ({ params }) => order(params.worker, (actor) => readmitWorker(params.worker, actor)),
      remove: ({ params, query }) =>
        query.force === "true"
          ? order(params.worker, (actor) => forceRemoval(params.worker, actor))
          : order(params.worker, (actor) => removeWorker(params.worker, actor)),
    })
  }),
)
