import { ChangeHook } from "@skypanel/contract/Repository"
import { Effect } from "effect"
import { Argument, Command } from "effect/cli"
import { checked } from "../../checked.ts"
import { NothingThere } from "../../Failure.ts"
import { hookMade, repositoryDetails } from "../../render/repository.ts"
import { show } from "../../show.ts"
import { name } from "../name.ts"
import { changing, serviceNamed } from "./repositoryCommand.ts"

/** Both make a secret; neither is what somebody meant who wrote the other. */
const making = <const Name extends string>(verb: Name, description: string, exists: boolean) =>
  Command.make(
    verb,
    { name },
    Effect.fn(function* (given) {
      const { client, named } = yield* serviceNamed(given.name)
      const { hook } = yield* client.repository.get(named)
      if ((hook !== null) !== exists)
        return yield* new NothingThere(
          exists
            ? {
                message: `${given.name} has no webhook.`,
                next: `Make one: skypanel source hook make ${given.name}`,
              }
            : {
                message: `${given.name} has a webhook already.`,
                next: `Give it a new secret: skypanel source hook rotate ${given.name}`,
              },
        )
      yield* show(yield* client.repository.makeHook(named), hookMade)
    }),
  ).pipe(Command.withDescription(description))

const make = making("make", "Make the webhook; prints its URL and, this once, its secret", false)
const rotate = making("rotate", "Give the webhook a new secret; the one before counts no more", true)

const turn = (verb: "on" | "off", description: string) =>
  changing(verb, description, (client, named) =>
    client.repository.changeHook({ ...named, payload: { enabled: verb === "on" } }),
  )

const paths = Command.make(
  "paths",
  {
    name,
    patterns: Argument.String("pattern").pipe(
      Argument.atLeast(0),
      Argument.withDescription(
        "As in a .gitignore; ! before one for the contrary (none: every push deploys)",
      ),
    ),
  },
  Effect.fn(function* (given) {
    const { client, named } = yield* serviceNamed(given.name)
    const payload = yield* Effect.fromResult(
      checked(ChangeHook, { paths: given.patterns }, [], "skypanel source hook paths"),
    )
    yield* show(yield* client.repository.changeHook({ ...named, payload }), repositoryDetails)
  }),
).pipe(
  Command.withDescription("Deploy only pushes that change a file of these"),
  Command.withExamples([
    {
      command: "skypanel source hook paths web apps/web '!*.md'",
      description: "What is in apps/web, unless only its documentation changed",
    },
  ]),
)

const remove = changing("remove", "Delete the webhook and what it delivered", (client, named) =>
  client.repository.removeHook(named),
)

export const hook = Command.make("hook").pipe(
  Command.withDescription("Where the repository's host tells of pushes, so that they deploy by themselves"),
  Command.withSubcommands([
    make,
    rotate,
    turn("on", "Switch the webhook on again"),
    turn("off", "Switch the webhook off; it answers as if it were not there"),
    paths,
    remove,
  ]),
)
