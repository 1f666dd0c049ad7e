import type { KnownHash } from "@skypanel/contract/LearnedHash"
import { Effect } from "effect"
import { Argument, Command } from "effect/cli"
import { BadInput } from "../Failure.ts"
import { connectToOrganization } from "../Platform.ts"
import { learnedList } from "../render/learned.ts"
import { show } from "../show.ts"
import { name } from "./name.ts"

const digest = Argument.String("digest").pipe(
  Argument.withDescription("The lock file's digest as the list shows it, or how it begins"),
)

const chosen = (known: ReadonlyArray<KnownHash>, given: string) => {
  const start = given.replace(/^sha256:/, "").toLowerCase()
  const found = known.filter(({ lock }) => lock.startsWith(`sha256:${start}`))
  return start !== "" && found.length === 1
    ? Effect.succeed(found[0]!)
    : new BadInput({
        message:
          found.length === 0 || start === ""
            ? `No learned hash is for a lock file whose digest begins with "${given}".`
            : `${found.length} learned hashes are for lock files whose digests begin with "${given}".`,
        next: "Write one as `skypanel learned list` shows it.",
        issues: [],
      })
}

const list = Command.make(
  "list",
  { name },
  Effect.fn(function* (given) {
    const { client, organization } = yield* connectToOrganization
    const params = { organization, service: given.name }
    yield* show(yield* client.learnedHashes.list({ params }), learnedList)
  }),
).pipe(Command.withDescription("List the hashes that a service's builds have learned and are held to"))

const forget = Command.make(
  "forget",
  { name, digest },
  Effect.fn(function* (given) {
    const { client, organization } = yield* connectToOrganization
    const params = { organization, service: given.name }
    const { lock } = yield* chosen(yield* client.learnedHashes.list({ params }), given.digest)
    yield* show(yield* client.learnedHashes.forget({ params: { ...params, lock } }), learnedList)
  }),
).pipe(
  Command.withDescription(
    "Forget a learned hash: the next build with that lock file takes what comes for right, and is held to it from then on",
  ),
  Command.withShortDescription("Forget a learned hash"),
  Command.withExamples([
    { command: "skypanel learned forget shop 3f2c9e1b7a6d", description: "After finding out why it differs" },
  ]),
)

export const learned = Command.make("learned").pipe(
  Command.withDescription(
    "Hashes of dependencies that no lock file has: learned when they were fetched first, and held to",
  ),
  Command.withShortDescription("Hashes of dependencies that were learned"),
  Command.withSubcommands([list, forget]),
)
