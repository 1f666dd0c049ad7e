import { Api } from "@skypanel/contract/Api"
import { Effect } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import type { FakeFleet } from "../FakeFleet.ts"

export const workersHandlers = (fleet: FakeFleet) => {
  const find = ({ worker }: { readonly worker: string }) => Effect.andThen(fleet.allowed, fleet.find(worker))
  return HttpApiBuilder.group(Api, "workers", (handlers) =>
    Effect.succeed(
      handlers.handleAll({
        list: ({ query }) =>
          Effect.as(
            fleet.allowed,
            fleet.workers.filter((worker) => worker.name.includes(query.search ?? "")),
          ),
        get: ({ params }) => find(params),
        instances: ({ params }) => Effect.map(find(params), ({ name }) => fleet.instances.get(name) ?? []),
        images: ({ params }) => Effect.map(find(params), ({ name }) => fleet.images.get(name) ?? null),
        history: ({ params, query }) =>
          Effect.map(find(params), ({ name }) => {
            fleet.requests.push(`history ${name} ${query.hours}`)
            return fleet.samples
          }),
        events: ({ params }) =>
          Effect.andThen(fleet.allowed, () => {
            const events = fleet.audit.filter((event) => event.worker === params.worker)
            return events.length > 0 ? Effect.succeed(events) : Effect.as(find(params), events)
          }),
        update: ({ params, payload }) =>
          Effect.flatMap(find(params), (worker) => {
            fleet.requests.push(`update ${worker.name} ${JSON.stringify(payload)}`)
            return fleet.update(worker, payload)
          }),
        drain: ({ params, payload }) =>
          Effect.flatMap(find(params), (worker) => fleet.drain(worker, payload.minutes ?? 15)),
        undrain: ({ params }) => Effect.flatMap(find(params), (worker) => fleet.undrain(worker)),
        moveServices: ({ params, payload }) =>
          Effect.flatMap(find(params), (worker) => fleet.moveServices(worker, payload.force === true)),
        readmit: ({ params }) => Effect.flatMap(find(params), (worker) => fleet.readmit(worker)),
        remove: ({ params, query }) =>
          Effect.flatMap(find(params), (worker) => fleet.remove(worker, query.force === "true")),
      }),
    ),
  )
}
