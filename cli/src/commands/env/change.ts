import { environmentLimits } from "@skypanel/contract/Environment"
import { UpdateService } from "@skypanel/contract/Service"
import { Effect } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { checked, type Issue, refuse } from "../../checked.ts"
import { BadInput, NothingThere } from "../../Failure.ts"
import * as flags from "../../flags.ts"
import { connectToOrganization, type Place } from "../../Platform.ts"
import { readPairs } from "../../pairs.ts"
import { Screen } from "../../Screen.ts"
import { readSecret } from "../../secretInput.ts"
import { showStarted } from "../../started.ts"
import { readText } from "../../textInput.ts"
import { readFileOfVariables, setRequest, unsetRequest } from "../../variables.ts"
import type { Waiting } from "../../waiting.ts"
import { name } from "../name.ts"

const secret = (description: string) =>
  Flag.String("secret").pipe(Flag.withMetavar("NAME"), Flag.withDescription(description), Flag.atLeast(0))

const change = (place: Place, service: string, request: UpdateService, waiting: Waiting, command: string) =>
  Effect.gen(function* () {
    const payload = yield* Effect.fromResult(checked(UpdateService, request, [], command))
    const params = { organization: place.organization, service }
    yield* showStarted(place, place.client.services.update({ params, payload }), waiting)
  })

/** Each is asked for; standard input has one. */
const readSecrets = Effect.fnUntraced(function* (names: ReadonlyArray<string>) {
  const screen = yield* Screen
  if (names.length > 1 && !screen.interactive)
    return yield* new BadInput({
      message: "Standard input has the value of one secret.",
      next: "Set one after the other, or all of a file: skypanel env import NAME FILE --all-secret",
      issues: [],
    })
  return yield* Effect.forEach(names, (one) =>
    Effect.map(readSecret(`Value of ${one}`, environmentLimits.valueBytes), (value) => [one, value] as const),
  )
})

export const set = Command.make(
  "set",
  {
    name,
    variables: Argument.String("variable").pipe(
      Argument.withDescription("NAME=VALUE (repeatable)"),
      Argument.atLeast(0),
    ),
    secret: secret("A secret variable, whose value is asked for, or read from standard input (repeatable)"),
    wait: flags.wait,
    timeout: flags.timeout,
  },
  Effect.fn(function* (given) {
    const issues: Array<Issue> = []
    const plain = readPairs("variable", given.variables, issues)
    if (plain.length + given.secret.length + issues.length === 0)
      issues.push({ path: "variable", message: "write NAME=VALUE, or --secret NAME" })
    if (issues.length > 0) return yield* refuse(issues, "skypanel env set")
    const place = yield* connectToOrganization
    const params = { organization: place.organization, service: given.name }
    const service = yield* place.client.services.get({ params })
    const request = setRequest(service, { plain, secret: yield* readSecrets(given.secret) })
    yield* change(place, given.name, request, given, "skypanel env set")
  }),
).pipe(
  Command.withDescription(
    "Set variables of a service and deploy it with them. The value of a secret one is kept sealed and never shown again; it is not taken from the command line, which others may see",
  ),
  Command.withShortDescription("Set variables and deploy"),
  Command.withExamples([
    { command: "skypanel env set shop GREETING=hi --wait", description: "In clear" },
    { command: "skypanel env set shop --secret STRIPE_KEY < key.txt", description: "Secret, from a file" },
  ]),
)

export const unset = Command.make(
  "unset",
  {
    name,
    variables: Argument.String("variable").pipe(
      Argument.withDescription("Name of the variable (repeatable)"),
      Argument.atLeast(1),
    ),
    wait: flags.wait,
    timeout: flags.timeout,
  },
  Effect.fn(function* (given) {
    const place = yield* connectToOrganization
    const params = { organization: place.organization, service: given.name }
    const service = yield* place.client.services.get({ params })
    const { request, unknown } = unsetRequest(service, given.variables)
    if (unknown.length > 0)
      return yield* new NothingThere({
        message: `${given.name} has no variable ${unknown.join(" and no ")}.`,
        next: `See which it has: skypanel env list ${given.name}`,
      })
    yield* change(place, given.name, request, given, "skypanel env unset")
  }),
).pipe(Command.withDescription("Take variables away, secret ones too, and deploy"))

/** As many variables as a service may have, as long as they may be. */
const variablesFile = {
  what: "The file of variables",
  path: "file",
  maxBytes: environmentLimits.variables * environmentLimits.valueBytes,
  next: "Give a .env file, or - to read it from standard input.",
}

export const importFile = Command.make(
  "import",
  {
    name,
    file: Argument.String("file").pipe(
      Argument.withDescription("A .env file; - reads it from standard input"),
    ),
    secret: secret("A variable of it that is secret (repeatable)"),
    allSecret: Flag.Boolean("all-secret").pipe(
      Flag.withDefault(false),
      Flag.withoutNegation,
      Flag.withDescription("All of them are secret"),
    ),
    wait: flags.wait,
    timeout: flags.timeout,
  },
  Effect.fn(function* (given) {
    const text = yield* readText(given.file, variablesFile)
    const place = yield* connectToOrganization
    const params = { organization: place.organization, service: given.name }
    const service = yield* place.client.services.get({ params })
    const issues: Array<Issue> = []
    const isNamed = (one: string) => given.allSecret || given.secret.includes(one)
    const read = readFileOfVariables(text, service, isNamed, issues)
    for (const one of given.secret)
      if (!read.secret.some(([name]) => name === one))
        issues.push({ path: "--secret", message: `the file has no ${one}` })
    if (issues.length > 0) return yield* refuse(issues, "skypanel env import")
    yield* change(place, given.name, setRequest(service, read), given, "skypanel env import")
  }),
).pipe(
  Command.withDescription(
    "Set the variables of a .env file and deploy; others stay. What is secret already stays so",
  ),
)
