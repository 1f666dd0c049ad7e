import { Api } from "@skypanel/contract/Api"
import { NotFound, NotPossibleNow } from "@skypanel/contract/Errors"
import type { HookDelivery, Repository } from "@skypanel/contract/Repository"
import { Effect } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import type { FakeState } from "../FakeState.ts"
import { instant } from "../fakeRows.ts"
import { find } from "./find.ts"

export interface Connection extends Pick<Repository, "credential" | "hostKeys" | "hook" | "poll"> {
  readonly deliveries: ReadonlyArray<HookDelivery>
}

const nothing: Connection = { credential: null, hostKeys: [], hook: null, poll: null, deliveries: [] }
const origin = "https://git.example.com"
const made = () => ({ createdBy: "ada@example.com", createdAt: instant() })

export const repositoryHandlers = (state: FakeState) => {
  const changed = (
    params: { readonly organization: string; readonly service: string },
    change: (connection: Connection) => Partial<Connection>,
  ) =>
    Effect.flatMap(find(state, params), ({ service }) => {
      if (service.source._tag !== "git")
        return Effect.fail(new NotPossibleNow({ message: "That is no repository.", next: "" }))
      const before = state.connections.get(service.name) ?? nothing
      const { deliveries, ...connection } = { ...before, ...change(before) }
      state.connections.set(service.name, { ...connection, deliveries })
      const { url, ref } = service.source
      return Effect.succeed<Repository>({ url, branch: ref, protocol: "https", ...connection })
    })
  return HttpApiBuilder.group(Api, "repository", (handlers) =>
    Effect.succeed(
      handlers.handleAll({
        get: ({ params }) => changed(params, () => ({})),
        giveToken: ({ params, payload }) => {
          state.requests.push(`token ${JSON.stringify(payload)}`)
          const { username = "git" } = payload
          return changed(params, () => ({
            credential: { kind: "token", origin, username, publicKey: null, ...made() },
          }))
        },
        makeDeployKey: ({ params }) =>
          changed(params, () => ({
            credential: {
              kind: "deploy-key",
              origin,
              username: null,
              publicKey: "ssh-ed25519 AAAA x",
              ...made(),
            },
          })),
        removeCredential: ({ params }) => changed(params, () => ({ credential: null })),
        forgetHostKeys: ({ params }) => changed(params, () => ({ hostKeys: [] })),
        makeHook: ({ params }) =>
          Effect.map(
            changed(params, () => ({
              hook: { url: `${origin}/hooks/x`, paths: [], enabled: true, refusedAt: null, ...made() },
            })),
            (repository) => ({ repository, secret: "the-secret-of-the-hook" }),
          ),
        changeHook: ({ params, payload }) =>
          state.connections.get(params.service)?.hook
            ? changed(params, ({ hook }) => ({ hook: hook && { ...hook, ...payload } }))
            : Effect.fail(new NotFound({ message: "There is no webhook.", next: "" })),
        removeHook: ({ params }) => changed(params, () => ({ hook: null })),
        changePoll: ({ params, payload: { minutes } }) =>
          changed(params, () => ({
            poll: minutes === null ? null : { minutes, answeredAt: null, revision: null, problem: null },
          })),
        deliveries: ({ params }) =>
          Effect.map(
            find(state, params),
            ({ service }) => state.connections.get(service.name)?.deliveries ?? [],
          ),
      }),
    ),
  )
}
