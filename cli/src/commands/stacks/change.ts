import { CreateStack, type Stack, UpdateStack } from "@skypanel/contract/Stack"
import { Effect, Option } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { awaitRevision, mustBeLive } from "../../awaitStack.ts"
import { checked, type Issue } from "../../checked.ts"
import { NothingThere } from "../../Failure.ts"
import * as flags from "../../flags.ts"
import { onlyShow, showsOnly } from "../../onlyShow.ts"
import { connectToOrganization, type Place } from "../../Platform.ts"
import { secretsOfNow } from "../../render/secretsOfNow.ts"
import { stackStatus } from "../../render/stack.ts"
import { stackDifferenceLines } from "../../render/stackTemplate.ts"
import { Screen } from "../../Screen.ts"
import { show } from "../../show.ts"
import { readSettings } from "../../stackSettings.ts"
import { type Waiting, waitFor, waitingTime } from "../../waiting.ts"
import { ordinal } from "../ordinal.ts"

export const stackName = Argument.String("name").pipe(Argument.withDescription("Name of the stack"))

const set = Flag.String("set").pipe(
  Flag.withMetavar("SERVICE.FIELD=VALUE"),
  Flag.withDescription(
    "Set something of a service (repeatable): cpu, memory, replicas, port, health-path, volume (its size), template (NAME or NAME@VERSION), git (URL#REF), submodules and lfs of that (yes or no) or env.NAME",
  ),
  Flag.atLeast(0),
)

/** Does what starts a revision, and waits for its end where that is wanted. */
export const showRevision = <E, R>(request: (place: Place) => Effect.Effect<Stack, E, R>, given: Waiting) =>
  Effect.gen(function* () {
    const atMost = yield* waitingTime(given.timeout)
    const place = yield* connectToOrganization
    const started = yield* request(place)
    if (!given.wait) return yield* show(started, stackStatus)
    const ended = yield* awaitRevision(place, started.name, started.revisions[0]!.number).pipe(
      waitFor({
        atMost,
        notYet: "Not live",
        goesOn: `It goes on. See it: skypanel stacks show ${started.name}`,
      }),
    )
    yield* show(ended.stack, stackStatus)
    yield* mustBeLive(ended.stack, ended.revision)
  })

export const create = Command.make(
  "create",
  {
    name: stackName,
    template: Flag.String("template").pipe(
      Flag.withMetavar("STACK"),
      Flag.withDescription("What it is made of; `skypanel stacks templates` lists them"),
    ),
    set,
    wait: flags.wait,
    timeout: flags.timeout,
  },
  Effect.fn(function* (given) {
    const request = ({ client, organization }: Place) =>
      Effect.gen(function* () {
        const template = (yield* client.stackTemplates.list({ params: { organization } })).find(
          ({ name }) => name === given.template,
        )
        if (template === undefined)
          return yield* new NothingThere({
            message: `There is no stack ${JSON.stringify(given.template)} in the library.`,
            next: "See which there are: skypanel stacks templates",
          })
        const issues: Array<Issue> = []
        const services = readSettings(given.set, template.services, issues)
        const payload = yield* Effect.fromResult(
          checked(
            CreateStack,
            { name: given.name, template: given.template, services },
            issues,
            "skypanel stacks create",
          ),
        )
        return yield* client.stacks.create({ params: { organization }, payload })
      })
    yield* showRevision(request, given)
  }),
).pipe(
  Command.withDescription(
    "Create a stack from the library and deploy its services, each after those it needs",
  ),
  Command.withExamples([
    {
      command: "skypanel stacks create shop --template web-postgres --wait",
      description: "An application with a PostgreSQL database",
    },
    {
      command:
        "skypanel stacks create shop --template web-postgres --set web.git=https://github.com/example/shop.git --set db.volume=5GiB",
      description: "Your own application; it finds the database by DATABASE_URL",
    },
  ]),
)

/** What the newest version of its template has otherwise. */
const showNewer = (name: string) =>
  Effect.gen(function* () {
    const { client, organization } = yield* connectToOrganization
    const standing = yield* client.stackTemplates.ofStack({ params: { organization, stack: name } })
    yield* show(standing, (found, view) => {
      if (found === null) return [`${name} is made from a stack that comes with SkyPanel.`]
      if (found.difference === null)
        return [`${name} is made from version ${found.version} of ${found.template}: there is no newer one.`]
      return [
        ...stackDifferenceLines(found.difference, view),
        "",
        `Take it: skypanel stacks update ${name} --to ${found.available}`,
      ]
    })
  })

export const update = Command.make(
  "update",
  {
    name: stackName,
    set,
    to: Flag.Int("to").pipe(
      Flag.withMetavar("VERSION"),
      Flag.optional,
      Flag.withDescription("Another version of its template; what was set stays"),
    ),
    show: onlyShow,
    wait: flags.wait,
    timeout: flags.timeout,
  },
  Effect.fn(function* (given) {
    yield* showsOnly(given.show, { set: given.set, to: given.to })
    if (given.show) return yield* showNewer(given.name)
    const request = ({ client, organization }: Place) =>
      Effect.gen(function* () {
        const params = { organization, stack: given.name }
        const stack = yield* client.stacks.get({ params })
        const issues: Array<Issue> = []
        const services = readSettings(given.set, stack.services, issues)
        const payload = yield* Effect.fromResult(
          checked(
            UpdateStack,
            { services, ...(Option.isSome(given.to) && { version: given.to.value }) },
            issues,
            "skypanel stacks update",
          ),
        )
        return yield* client.stacks.update({ params, payload })
      })
    yield* showRevision(request, given)
  }),
).pipe(
  Command.withDescription(
    "Change a stack: only what changed is deployed, and what is not live. Without --set: what failed again, and what is new in a stack that comes with SkyPanel.",
  ),
  Command.withShortDescription("Change a stack: only what changed is deployed"),
  Command.withExamples([
    {
      command: "skypanel stacks update shop --set web.env.GREETING=hi --wait",
      description: "Set a variable",
    },
  ]),
)

export const rollBack = Command.make(
  "rollback",
  {
    name: stackName,
    revision: ordinal("revision").pipe(Argument.withDescription("Number of the revision to go back to")),
    wait: flags.wait,
    timeout: flags.timeout,
  },
  Effect.fn(function* (given) {
    const request = ({ client, organization }: Place) =>
      Effect.gen(function* () {
        const stack = yield* client.stacks.rollBack({
          params: { organization, stack: given.name },
          payload: { revision: given.revision },
        })
        const target = stack.revisions.find(({ number }) => number === given.revision)
        yield* (yield* Screen).note(secretsOfNow(target?.secretsOfNow ?? []))
        return stack
      })
    yield* showRevision(request, given)
  }),
).pipe(Command.withDescription("Bring every service back to the release that it had in an earlier revision"))
