import { Api } from "@skypanel/contract/Api"
import { NotFound } from "@skypanel/contract/Errors"
import type { PartSettings } from "@skypanel/contract/Stack"
import { Effect } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import type { FakeState } from "../FakeState.ts"
import { newRevision, newStack } from "../stackRows.ts"

export const stacksHandlers = (state: FakeState) =>
  HttpApiBuilder.group(Api, "stacks", (handlers) => {
    const find = (name: string) => {
      const stack = state.stacks.get(name)
      return stack === undefined
        ? Effect.fail(new NotFound({ message: `There is no stack ${name}.`, next: "" }))
        : Effect.succeed(stack)
    }
    const revise = (name: string, kind: "update" | "rollback" | "rotate", target: number | null) =>
      Effect.map(find(name), (stack) => {
        stack.revisions = [newRevision(stack.revisions.length + 1, kind, target), ...stack.revisions]
        return stack
      })
    const note = (name: string, services: { readonly [key: string]: PartSettings } | undefined) =>
      state.requests.push(`${name} ${JSON.stringify(services)}`)
    return Effect.succeed(
      handlers.handleAll({
        list: () => Effect.sync(() => Array.from(state.stacks.values())),
        create: ({ payload }) =>
          Effect.sync(() => {
            note("create", payload.services)
            const stack = newStack(payload.name, payload.template)
            state.stacks.set(payload.name, stack)
            return stack
          }),
        get: ({ params }) => find(params.stack),
        update: ({ params, payload }) =>
          Effect.suspend(() => {
            note("update", payload.services)
            if (payload.version !== undefined) state.requests.push(`to ${payload.version}`)
            return revise(params.stack, "update", null)
          }),
        rollBack: ({ params, payload }) => revise(params.stack, "rollback", payload.revision),
        rotate: ({ params }) =>
          Effect.map(revise(params.stack, "rotate", null), (stack) => {
            stack.secrets = stack.secrets.map((secret) => ({
              ...secret,
              version: secret.version + 1,
              rotatedAt: new Date().toISOString(),
            }))
            return stack
          }),
        delete: ({ params, query }) =>
          Effect.map(find(params.stack), (stack) => {
            state.requests.push(`delete ${query.volumes}`)
            state.stacks.delete(params.stack)
            return { ...stack, state: "deleting" as const }
          }),
        reveal: ({ params }) =>
          Effect.map(find(params.stack), () => ({ name: params.secret, value: "the-secret" })),
      }),
    )
  })
