import { Api } from "@skypanel/contract/Api"
import { NotFound } from "@skypanel/contract/Errors"
import type { StackHistory, StackVersion, WrittenStack } from "@skypanel/contract/StackTemplate"
import { Effect, Stream } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { failure } from "../fixtures.ts"
import { part, stackTemplates } from "../stackRows.ts"

const at = "2026-11-26T10:00:00.000Z"

const difference = {
  before: 1,
  after: 2,
  changes: [],
  services: [
    {
      key: "web",
      kind: "changed" as const,
      changes: [{ field: "port", before: "8080", after: "9000" }],
      expression: [{ mark: "+" as const, text: "new" }],
    },
  ],
}

const versionOf = (number: number, { services, ...about }: WrittenStack): StackVersion => ({
  number,
  state: "draft",
  trials: [],
  definition: {
    ...about,
    services: Object.entries(services).map(([key, { title = key, ...written }]) =>
      part(key, { ...written, title }),
    ),
  },
  createdBy: "admin@skypanel.localhost",
  createdAt: at,
  publishedAt: null,
})

/** Trials end when they are looked at again: well, unless a source says `broken`. */
const ended = (version: StackVersion): StackVersion => {
  if (version.state !== "validating") return version
  const trials = version.definition.services.map(({ key, source }) => ({
    key,
    progress: null,
    failure: JSON.stringify(source).includes("broken") ? failure : null,
    triedAt: at,
  }))
  return { ...version, trials, state: trials.some(({ failure }) => failure !== null) ? "failed" : "valid" }
}

export const stackTemplatesHandlers = () => {
  const histories = new Map<string, StackHistory>()
  const get = (name: string) =>
    Effect.suspend(() => {
      const found = histories.get(name)
      return found === undefined
        ? Effect.fail(new NotFound({ message: `There is no stack "${name}" in the library.`, next: "" }))
        : Effect.succeed(found)
    })
  const put = (history: StackHistory) =>
    Effect.sync(() => histories.set(history.name, history)).pipe(Effect.as(history))
  const change = ({ template, number }: { template: string; number: number }, state: StackVersion["state"]) =>
    Effect.flatMap(get(template), (history) =>
      put({
        ...history,
        versions: history.versions.map((one) => (one.number === number ? { ...one, state } : one)),
      }),
    )
  return HttpApiBuilder.group(Api, "stackTemplates", (handlers) =>
    Effect.succeed(
      handlers.handleAll({
        list: () => Effect.succeed(stackTemplates),
        manage: () => Effect.sync(() => [...histories.values()]),
        check: () => Effect.succeed({ issues: [], services: [] }),
        get: ({ params }) =>
          Effect.flatMap(get(params.template), (history) =>
            put({ ...history, versions: history.versions.map(ended) }),
          ),
        add: ({ payload }) =>
          Effect.suspend(() => {
            const { name, everyone, definition } = payload
            const before = histories.get(name)?.versions ?? []
            const owner = everyone ? ("everyone" as const) : ("organization" as const)
            const versions = [versionOf(before.length + 1, definition), ...before]
            return put({ name, owner, removed: false, manageable: true, versions })
          }),
        remove: ({ params }) => Effect.sync(() => void histories.delete(params.template)),
        validate: ({ params }) => change(params, "validating"),
        publish: ({ params }) => change(params, "published"),
        withdraw: ({ params }) => change(params, "withdrawn"),
        trialLog: ({ params }) => Effect.succeed(Stream.encodeText(Stream.make(`of ${params.service}\n`))),
        followTrial: () => Effect.succeed(Stream.empty),
        compare: () => Effect.succeed(difference),
        ofStack: () => Effect.succeed({ template: "shop", version: 1, available: 2, difference }),
      }),
    ),
  )
}
