import { Api } from "@skypanel/contract/Api"
import { InvalidInput } from "@skypanel/contract/Errors"
import type { LogLine } from "@skypanel/contract/Log"
import { Effect } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import type { FakeState } from "../FakeState.ts"
import { find } from "./find.ts"
import { polled } from "./polled.ts"

export const servicesHandlers = (state: FakeState) =>
  HttpApiBuilder.group(Api, "services", (handlers) =>
    Effect.succeed(
      handlers.handleAll({
        list: () => Effect.sync(() => [...state.services.values()].map((held) => held.service)),
        create: ({ payload }) => {
          state.requests.push(`create ${JSON.stringify(payload)}`)
          return payload.source._tag === "git" && payload.source.url.startsWith("file:")
            ? Effect.fail(
                new InvalidInput({
                  message: "That Git URL is not allowed.",
                  next: "Use https:// or ssh://.",
                  issues: [{ path: "source.url", message: "file:// is not allowed" }],
                }),
              )
            : state.create(payload)
        },
        get: ({ params }) => Effect.map(find(state, params), (held) => held.service),
        update: ({ params, payload }) =>
          Effect.map(find(state, params), (held) => {
            state.requests.push(`update ${JSON.stringify(payload)}`)
            return state.update(held, payload)
          }),
        delete: ({ params }) => Effect.map(find(state, params), (held) => state.delete(held)),
        stop: ({ params }) => Effect.flatMap(find(state, params), (held) => state.stop(held)),
        start: ({ params }) =>
          Effect.map(find(state, params), (held) => state.deploy(held, "start", held.service.release)),
        restart: ({ params }) =>
          Effect.map(find(state, params), (held) => state.deploy(held, "restart", held.service.release)),
        redeploy: ({ params }) => Effect.map(find(state, params), (held) => state.deploy(held, "redeploy")),
        watch: ({ params, payload }) =>
          Effect.map(find(state, params), ({ service }) => {
            service.watchSeconds = payload.seconds
            return service
          }),
        planRetention: ({ params, query }) =>
          Effect.map(find(state, params), ({ releases }) => {
            const going = query.releases === undefined ? [] : releases.slice(query.releases)
            return { releases: going.map(({ number }) => number), bytes: going.length * 2 ** 20 }
          }),
        retain: ({ params, payload }) =>
          Effect.map(find(state, params), ({ service }) => {
            service.keptReleases = payload.releases
            return service
          }),
        forgetSecret: ({ params }) =>
          Effect.map(find(state, params), ({ service }) => {
            state.requests.push(`forget ${params.secret}`)
            service.secrets = service.secrets.map((one) =>
              one.name === params.secret ? { ...one, earlier: 0 } : one,
            )
            return service
          }),
        logs: ({ params, query }) =>
          Effect.map(find(state, params), (held) => held.log.slice(-(query.lines ?? 100) || held.log.length)),
        followLogs: ({ params, query }) =>
          Effect.map(find(state, params), (held) => {
            let sent = Math.max(0, held.log.length - (query.lines ?? 100))
            return polled<LogLine>(() => {
              if (held.service.state === "deleting") return null
              const lines = held.log.slice(sent)
              sent = held.log.length
              return lines
            })
          }),
      }),
    ),
  )
