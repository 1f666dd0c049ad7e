import { Api } from "@skypanel/contract/Api"
import { InvalidInput, NotFound } from "@skypanel/contract/Errors"
import type { Template, TemplateHistory, TemplateVersion } from "@skypanel/contract/Template"
import { Effect, Stream } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { trialLines } from "./FakeLibrary.ts"
import type { FakePlatform } from "./FakePlatform.ts"
import { failureFor } from "./failures.ts"
import { now } from "./ids.ts"
import { difference, wiki } from "./scenery.ts"
import { run } from "./streams.ts"

const nothing = (name: string) =>
  new NotFound({ message: `There is no template "${name}".`, next: "Look at the list." })

/** Templates with versions; a trial takes a step, and fails where the expression says `broken`. */
export const templateHandlers = (platform: FakePlatform) => {
  const { histories } = platform
  const find = (name: string): TemplateHistory => {
    const found = histories.get(name)
    if (!found) throw nothing(name)
    return found
  }
  const change = (name: string, number: number, part: Partial<TemplateVersion> | null): TemplateHistory => {
    const history = find(name)
    const versions = history.versions.flatMap((version) =>
      version.number !== number ? [version] : part === null ? [] : [{ ...version, ...part }],
    )
    const changed = { ...history, versions, removed: part?.state === "published" ? false : history.removed }
    histories.set(name, changed)
    return changed
  }
  const endTrial = (name: string, number: number) => {
    const { definition } = find(name).versions.find((version) => version.number === number)!
    const ended: Partial<TemplateVersion> = definition.expression.includes("broken")
      ? { state: "failed", failure: failureFor("fail-syntax", "building") }
      : { state: "valid" }
    change(name, number, { ...ended, progress: null })
  }
  const offered = (): readonly Template[] =>
    [...histories.values()].flatMap(({ name, owner, removed, versions }) => {
      const version = versions.find(({ state }) => state === "published")
      if (removed || version === undefined) return []
      const { expression: _, ...definition } = version.definition
      return [{ ...definition, name, owner, version: String(version.number) }]
    })
  return HttpApiBuilder.group(Api, "templates", (handlers) =>
    Effect.succeed(
      handlers.handleAll({
        list: ({ params }) =>
          run(platform, () =>
            params.organization === "acme" ? [...offered(), ...platform.templates] : platform.templates,
          ),
        manage: ({ params }) =>
          run(platform, () => (params.organization === "acme" ? [...histories.values()] : [])),
        get: ({ params }) => run(platform, () => find(params.template)),
        add: ({ payload: { name, everyone, definition } }) =>
          run(platform, () => {
            if (platform.templates.some((template) => template.name === name))
              throw new InvalidInput({
                message: "The template is not as it should be.",
                next: "",
                issues: [{ path: "name", message: "SkyPanel comes with it" }],
              })
            const before = histories.get(name)?.versions ?? []
            const version: TemplateVersion = {
              number: (before[0]?.number ?? 0) + 1,
              state: "draft",
              progress: null,
              failure: null,
              triedAt: null,
              definition,
              createdBy: "ada@example.org",
              createdAt: now(),
              publishedAt: null,
            }
            const history: TemplateHistory = {
              name,
              owner: everyone ? "everyone" : "organization",
              removed: false,
              manageable: true,
              versions: [version, ...before],
            }
            histories.set(name, history)
            return history
          }),
        remove: ({ params }) =>
          run(
            platform,
            () => void histories.set(params.template, { ...find(params.template), removed: true }),
          ),
        validate: ({ params }) =>
          run(platform, () => {
            setTimeout(() => endTrial(params.template, params.number), platform.stepMs).unref()
            return change(params.template, params.number, {
              state: "validating",
              progress: "building",
              failure: null,
              triedAt: now(),
            })
          }),
        trialLog: ({ params }) =>
          run(platform, () => {
            find(params.template)
            return Stream.encodeText(Stream.make("building\n"))
          }),
        followTrial: ({ params }) =>
          run(platform, () => {
            find(params.template)
            return Stream.fromIterable(trialLines(params.template))
          }),
        publish: ({ params }) =>
          run(platform, () =>
            change(params.template, params.number, { state: "published", publishedAt: now() }),
          ),
        withdraw: ({ params }) =>
          run(platform, () => {
            const version = find(params.template).versions.find(({ number }) => number === params.number)
            return change(
              params.template,
              params.number,
              version?.state === "published" ? { state: "withdrawn" } : null,
            )
          }),
        compare: () => run(platform, () => difference),
        ofService: ({ params }) =>
          run(platform, () => {
            const { source } = platform.find(params.service).service
            if (source._tag !== "template" || source.template !== "wiki") return null
            const { definition } = wiki.versions[0]!
            return source.version === 2
              ? { template: "wiki", version: 2, available: null, difference: null, missing: [] }
              : {
                  template: "wiki",
                  version: 1,
                  available: 2,
                  difference,
                  missing: definition.options.slice(1, 2),
                }
          }),
        update: ({ params, payload }) =>
          run(platform, () =>
            platform.update(params.service, { source: { _tag: "template", template: "wiki", ...payload } }),
          ),
      }),
    ),
  )
}
