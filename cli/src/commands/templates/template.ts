import type { TemplateHistory } from "@skypanel/contract/Template"
import { Effect, Option } from "effect"
import { Argument } from "effect/cli"
import { NothingThere } from "../../Failure.ts"
import { connectToOrganization } from "../../Platform.ts"

export const template = Argument.String("template").pipe(Argument.withDescription("Name of the template"))

export const version = Argument.Int("version").pipe(
  Argument.optional,
  Argument.withDescription("Number of the version (default: the newest)"),
)

/** The version that was named, else the newest. */
export const versionOf = ({ name, versions }: TemplateHistory, given: Option.Option<number>) => {
  const number = Option.getOrElse(given, () => versions[0]?.number)
  return number === undefined
    ? Effect.fail(
        new NothingThere({
          message: `The template ${name} has no version.`,
          next: "Add one: skypanel templates add FILE",
        }),
      )
    : Effect.succeed(number)
}

/** The template of the name, and what a request about one of its versions bears. */
export const chosen = Effect.fnUntraced(function* (of: {
  readonly template: string
  readonly version: Option.Option<number>
}) {
  const place = yield* connectToOrganization
  const params = { organization: place.organization, template: of.template }
  const number = yield* versionOf(yield* place.client.templates.get({ params }), of.version)
  return { ...place, params: { ...params, number } }
})
