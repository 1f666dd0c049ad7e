import { Effect, Option } from "effect"
import { Command, Flag } from "effect/cli"
import { type Issue, refuse } from "../../checked.ts"
import { NothingThere } from "../../Failure.ts"
import * as flags from "../../flags.ts"
import { onlyShow, showsOnly } from "../../onlyShow.ts"
import { optionValues } from "../../optionValues.ts"
import { connectToOrganization } from "../../Platform.ts"
import { differenceLines } from "../../render/templateVersion.ts"
import { Screen } from "../../Screen.ts"
import { show } from "../../show.ts"
import { showStarted } from "../../started.ts"
import { name } from "../name.ts"

export const option = Flag.String("option").pipe(
  Flag.withMetavar("NAME=VALUE"),
  Flag.withDescription("Choose an option of the template (repeatable)"),
  Flag.atLeast(0),
)

export const update = Command.make(
  "update",
  {
    name,
    to: Flag.Int("to").pipe(
      Flag.withMetavar("VERSION"),
      Flag.optional,
      Flag.withDescription("Which version (default: the newest)"),
    ),
    option,
    show: onlyShow,
    wait: flags.wait,
    timeout: flags.timeout,
  },
  Effect.fn(function* (given) {
    yield* showsOnly(given.show, { to: given.to, option: given.option })
    const screen = yield* Screen
    const place = yield* connectToOrganization
    const params = { organization: place.organization, service: given.name }
    const found = yield* place.client.templates.ofService({ params })
    if (found === null)
      return yield* new NothingThere({
        message: `${given.name} is not made from a template that has versions.`,
        next: `See its source: skypanel status ${given.name}`,
      })
    if (given.show)
      return yield* show(found, ({ difference, template, version }, view) =>
        difference === null
          ? [`${given.name} is made from version ${version} of ${template}: there is no newer one.`]
          : differenceLines(difference, view),
      )
    const version = Option.getOrElse(given.to, () => found.available)
    if (version === null)
      return yield* new NothingThere({
        message: `${given.name} is made from version ${found.version} of ${found.template}: there is no newer one.`,
        next: "Nothing has to be done.",
      })
    const issues: Array<Issue> = []
    const { versions } = yield* place.client.templates.get({
      params: { organization: place.organization, template: found.template },
    })
    const definition = versions.find(({ number }) => number === version)?.definition
    const options = optionValues(given.option, definition?.options ?? [], issues)
    if (issues.length > 0) return yield* refuse(issues, "skypanel templates update")
    yield* screen.note(`From version ${found.version} of ${found.template} to version ${version}`)
    yield* showStarted(place, place.client.templates.update({ params, payload: { version, options } }), given)
  }),
).pipe(
  Command.withDescription("Deploy a service from another version of its template; what was chosen stays"),
)
