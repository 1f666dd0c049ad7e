import { Api } from "@skypanel/contract/Api"
import { NotFound, NotPossibleNow } from "@skypanel/contract/Errors"
import type { AddTemplate, TemplateHistory, TemplateVersion } from "@skypanel/contract/Template"
import { Effect, Stream } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import type { FakeState } from "../FakeState.ts"
import { failure, templates } from "../fixtures.ts"
import { find } from "./find.ts"

const versionOf = (number: number, { definition }: AddTemplate): TemplateVersion => ({
  number,
  state: "draft",
  progress: null,
  failure: null,
  triedAt: null,
  definition,
  createdBy: "admin@skypanel.localhost",
  createdAt: new Date().toISOString(),
  publishedAt: null,
})

const difference = {
  before: 1,
  after: 2,
  options: [{ field: "greeting", before: null, after: "text, needed" }],
  configuration: [],
  expression: [
    { mark: "-" as const, text: "old" },
    { mark: "+" as const, text: "new" },
  ],
}

/** A trial ends when it is looked at again: well, unless the expression says `broken`. */
export const templatesHandlers = (state: FakeState) => {
  const histories = new Map<string, TemplateHistory>()
  const get = (name: string) =>
    Effect.suspend(() => {
      const found = histories.get(name)
      return found === undefined
        ? Effect.fail(new NotFound({ message: `There is no template "${name}".`, next: "" }))
        : Effect.succeed(found)
    })
  const put = (history: TemplateHistory) =>
    Effect.sync(() => histories.set(history.name, history)).pipe(Effect.as(history))
  const change = (
    { template, number }: { readonly template: string; readonly number: number },
    part: (version: TemplateVersion) => Partial<TemplateVersion>,
  ) =>
    Effect.flatMap(get(template), (history) =>
      put({
        ...history,
        versions: history.versions.map((one) => (one.number === number ? { ...one, ...part(one) } : one)),
      }),
    )
  const ended = (version: TemplateVersion): TemplateVersion => {
    if (version.state !== "validating") return version
    return version.definition.expression.includes("broken")
      ? { ...version, state: "failed", failure }
      : { ...version, state: "valid" }
  }
  return HttpApiBuilder.group(Api, "templates", (handlers) =>
    Effect.succeed(
      handlers.handleAll({
        list: () => Effect.succeed(templates),
        manage: () => Effect.sync(() => [...histories.values()]),
        get: ({ params }) =>
          Effect.flatMap(get(params.template), (history) =>
            put({ ...history, versions: history.versions.map(ended) }),
          ),
        add: ({ payload }) =>
          Effect.suspend(() => {
            const { name, everyone } = payload
            const before = histories.get(name)?.versions ?? []
            const versions = [versionOf(before.length + 1, payload), ...before]
            const owner = everyone ? ("everyone" as const) : ("organization" as const)
            return put({ name, owner, removed: false, manageable: true, versions })
          }),
        remove: ({ params }) => Effect.sync(() => void histories.delete(params.template)),
        validate: ({ params }) => change(params, () => ({ state: "validating" })),
        publish: ({ params }) =>
          Effect.gen(function* () {
            const { versions } = yield* get(params.template)
            if (versions.find(({ number }) => number === params.number)?.state !== "valid")
              return yield* new NotPossibleNow({ message: "Nobody has validated it.", next: "" })
            return yield* change(params, () => ({ state: "published" }))
          }),
        withdraw: ({ params }) => change(params, () => ({ state: "withdrawn" })),
        trialLog: () => Effect.succeed(Stream.encodeText(Stream.make("evaluating\nbuil", "ding\n"))),
        followTrial: () => Effect.succeed(Stream.empty),
        compare: () => Effect.succeed(difference),
        ofService: ({ params }) =>
          Effect.as(find(state, params), {
            template: "wiki",
            version: 1,
            available: 2,
            difference,
            missing: [],
          }),
        update: ({ params, payload }) =>
          Effect.map(find(state, params), (held) => {
            Object.assign(held.service, { source: { _tag: "template", template: "wiki", ...payload } })
            return state.deploy(held, "deploy")
          }),
      }),
    ),
  )
}
