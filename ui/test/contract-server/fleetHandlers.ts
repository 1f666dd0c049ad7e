import { Api } from "@skypanel/contract/Api"
import type { FleetChange } from "@skypanel/contract/api/FleetGroup"
import { Forbidden, Unauthorized } from "@skypanel/contract/Errors"
import type { Notification } from "@skypanel/contract/Notification"
import { CurrentUser } from "@skypanel/contract/Session"
import { Effect, Layer } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import type { FakePlatform } from "./FakePlatform.ts"
import { follow, run } from "./streams.ts"

const resync: FleetChange = { kind: "resync", worker: null }

/** The groups that are for administrators, and what everybody is told. */
export const fleetHandlers = (platform: FakePlatform) => {
  const { fleet, installations, upgrades, inbox, cacheKeys, artifacts } = platform

  /** Calls with the asking administrator's address. */
  const asked = <A>(call: (actor: string) => A) =>
    Effect.flatMap(CurrentUser, ({ email, administrator }) =>
      run(platform, () => {
        if (!administrator)
          throw new Forbidden({ message: "This is for administrators.", next: "Ask one of them." })
        return call(email)
      }),
    )

  const workers = HttpApiBuilder.group(Api, "workers", (handlers) =>
    Effect.succeed(
      handlers.handleAll({
        list: ({ query }) => asked(() => fleet.list(query.search ?? "")),
        get: ({ params }) => asked(() => fleet.find(params.worker)),
        instances: ({ params }) => asked(() => fleet.instancesOf(params.worker)),
        images: ({ params }) => asked(() => fleet.imagesOf(params.worker)),
        history: ({ params, query }) => asked(() => fleet.history(params.worker, query.hours ?? 3)),
        events: ({ params }) => asked(() => fleet.eventsOf(params.worker)),
        update: ({ params, payload }) => asked((actor) => fleet.update(params.worker, payload, actor)),
        drain: ({ params }) => asked((actor) => fleet.drain(params.worker, actor)),
        undrain: ({ params }) => asked((actor) => fleet.undrain(params.worker, actor)),
        moveServices: ({ params, payload }) =>
          asked((actor) => fleet.moveServices(params.worker, payload.force ?? false, actor)),
        readmit: ({ params }) => asked((actor) => fleet.readmit(params.worker, actor)),
        remove: ({ params, query }) =>
          asked((actor) => fleet.remove(params.worker, query.force === "true", actor)),
      }),
    ),
  )

  const installationsGroup = HttpApiBuilder.group(Api, "installations", (handlers) =>
    Effect.succeed(
      handlers.handleAll({
        list: () => asked(() => installations.all),
        create: ({ payload }) => asked((actor) => installations.create(payload, actor)),
        replace: ({ params }) => asked((actor) => installations.replace(params.worker, actor)),
        get: ({ params }) => asked(() => installations.find(params.installation)),
        revoke: ({ params }) => asked(() => installations.revoke(params.installation)),
      }),
    ),
  )

  const registration = HttpApiBuilder.group(Api, "registration", (handlers) =>
    Effect.succeed(
      handlers.handle("register", () =>
        Effect.fail(new Unauthorized({ message: "A fake has no workers.", next: "Ask a real platform." })),
      ),
    ),
  )

  const fleetGroup = HttpApiBuilder.group(Api, "fleet", (handlers) =>
    Effect.succeed(
      handlers.handleAll({
        get: () => asked(() => fleet.get()),
        setPolicy: ({ payload }) => asked((actor) => fleet.setPolicy(payload, actor)),
        upgrade: () => asked((actor) => upgrades.start(actor)),
        stopUpgrade: () => asked(() => upgrades.stop()),
        audit: () => asked(() => fleet.audit.slice(0, 100)),
        follow: () => asked(() => follow<FleetChange>(platform, "fleet-changes", [resync])),
      }),
    ),
  )

  const notifications = HttpApiBuilder.group(Api, "notifications", (handlers) =>
    Effect.succeed(
      handlers.handleAll({
        list: () => run(platform, () => inbox.list()),
        read: ({ params }) => run(platform, () => inbox.read(params.notification)),
        readAll: () => run(platform, () => inbox.readAll()),
        follow: ({ query }) =>
          run(platform, () =>
            follow<Notification>(
              platform,
              "notifications",
              query.after === undefined ? [] : inbox.after(query.after),
            ),
          ),
        preferences: () => run(platform, () => inbox.preferences),
        setPreferences: ({ payload }) =>
          run(platform, () => {
            inbox.preferences = payload
            return payload
          }),
        testEmail: () => Effect.flatMap(CurrentUser, ({ email }) => run(platform, () => ({ sentTo: email }))),
      }),
    ),
  )

  const cacheKeysGroup = HttpApiBuilder.group(Api, "cacheKeys", (handlers) =>
    Effect.succeed(
      handlers.handleAll({
        list: () => asked(() => cacheKeys.all),
        rotate: () => asked(() => cacheKeys.rotate()),
        retire: ({ params }) => asked(() => cacheKeys.retire(params.name)),
      }),
    ),
  )

  const artifactsGroup = HttpApiBuilder.group(Api, "artifacts", (handlers) =>
    Effect.succeed(
      handlers.handleAll({
        get: () => asked(() => artifacts.get()),
        setPolicy: ({ payload }) => asked(() => artifacts.setPolicy(payload)),
        plan: () => asked(() => artifacts.plan()),
        collect: () => asked((actor) => artifacts.start("collection", actor)),
        verify: () => asked((actor) => artifacts.start("verification", actor)),
        repair: () => asked(() => artifacts.repair()),
        pin: ({ payload }) => asked((actor) => artifacts.pin(payload, actor)),
        unpin: ({ params }) => asked(() => artifacts.unpin(params.pin)),
      }),
    ),
  )

  return Layer.mergeAll(
    workers,
    installationsGroup,
    registration,
    fleetGroup,
    notifications,
    cacheKeysGroup,
    artifactsGroup,
  )
}
