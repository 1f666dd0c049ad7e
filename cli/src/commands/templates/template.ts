import { Effect, type Option } from "effect"
import { Argument } from "effect/cli"
import { connectToOrganization } from "../../Platform.ts"
import { numberOf } from "../versions.ts"

export const template = Argument.String("template").pipe(Argument.withDescription("Name of the template"))

/** The template of the name, and what a request about one of its versions bears. */
export const chosen = Effect.fnUntraced(function* (of: {
  readonly template: string
  readonly version: Option.Option<number>
}) {
  const place = yield* connectToOrganization
  const params = { organization: place.organization, template: of.template }
  const history = yield* place.client.templates.get({ params })
  const number = yield* numberOf(history, of.version, "Add one: skypanel templates add FILE")
  return { ...place, params: { ...params, number } }
})
