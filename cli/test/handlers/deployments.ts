import { Api } from "@skypanel/contract/Api"
import { isFinished } from "@skypanel/contract/Deployment"
import { NotFound, NotPossibleNow } from "@skypanel/contract/Errors"
import type { LogLine } from "@skypanel/contract/Log"
import { Effect, Stream } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { fakeHistory } from "../buildRecords.ts"
import type { FakeState } from "../FakeState.ts"
import type { Held } from "../fakeRows.ts"
import { failure } from "../fixtures.ts"
import { find } from "./find.ts"
import { polled } from "./polled.ts"

const deploymentOf = (held: Held, number: number) => {
  const found = held.deployments.find((deployment) => deployment.number === number)
  return found === undefined
    ? Effect.fail(new NotFound({ message: `There is no deployment ${number}.`, next: "" }))
    : Effect.succeed(found)
}

export const deploymentsHandlers = (state: FakeState) =>
  HttpApiBuilder.group(Api, "deployments", (handlers) =>
    Effect.succeed(
      handlers.handleAll({
        list: ({ params }) => Effect.map(find(state, params), (held) => held.deployments),
        get: ({ params }) => Effect.flatMap(find(state, params), (held) => deploymentOf(held, params.number)),
        cancel: ({ params }) =>
          Effect.gen(function* () {
            const held = yield* find(state, params)
            const deployment = yield* deploymentOf(held, params.number)
            if (isFinished(deployment.status))
              return yield* new NotPossibleNow({ message: "It has ended already.", next: "" })
            state.finish(held, params.number, { ...failure, code: "canceled" })
            return deployment
          }),
        followLog: ({ params, query }) =>
          Effect.gen(function* () {
            const held = yield* find(state, params)
            const deployment = yield* deploymentOf(held, params.number)
            let sent = (query.after ?? -1) + 1
            return polled<LogLine>(() => {
              const lines = held.buildLogs.get(params.number)!.slice(sent)
              const building = deployment.status === "queued" || deployment.status === "building"
              if (lines.length === 0 && !building) return null
              sent += lines.length
              return lines
            })
          }),
        downloadLog: ({ params }) =>
          Effect.gen(function* () {
            const held = yield* find(state, params)
            yield* deploymentOf(held, params.number)
            const lines = held.buildLogs.get(params.number) ?? []
            return Stream.encodeText(
              Stream.fromIterable(lines.map((line) => `${line.at} ${line.stream} ${line.text}\n`)),
            )
          }),
        builds: ({ params, query }) => Effect.map(find(state, params), (held) => fakeHistory(held, query)),
        releases: ({ params }) => Effect.map(find(state, params), (held) => held.releases),
        rollback: ({ params }) =>
          Effect.map(find(state, params), (held) => state.deploy(held, "rollback", params.number)),
      }),
    ),
  )
