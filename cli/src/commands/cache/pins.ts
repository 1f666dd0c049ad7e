import type { PinRequest } from "@skypanel/contract/api/ArtifactsGroup"
import { Effect } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { connect } from "../../Platform.ts"
import { pinList } from "../../render/artifacts.ts"
import { show } from "../../show.ts"

export const pins = Command.make(
  "pins",
  {},
  Effect.fn(function* () {
    const { client } = yield* connect
    yield* show((yield* client.artifacts.get()).pins, pinList)
  }),
).pipe(Command.withDescription("List what is kept whatever the budget says"))

/** `acme/web:3` is a release; anything else is a store path. */
export const readTarget = (text: string): PinRequest["target"] => {
  const [, organization, service, number] = /^([a-z0-9-]+)\/([a-z0-9-]+):(\d{1,9})$/.exec(text) ?? []
  return organization === undefined
    ? { storePath: text }
    : { release: { organization, service: service!, number: Number(number) } }
}

export const pin = Command.make(
  "pin",
  {
    target: Argument.String("target").pipe(
      Argument.withDescription("A store path, or a release as ORGANIZATION/SERVICE:NUMBER"),
    ),
    reason: Flag.String("reason").pipe(
      Flag.withMetavar("TEXT"),
      Flag.withDescription("Why, for those who come after you"),
    ),
  },
  Effect.fn(function* (given) {
    const { client } = yield* connect
    const payload = { target: readTarget(given.target), reason: given.reason }
    yield* show(yield* client.artifacts.pin({ payload }), pinList)
  }),
).pipe(
  Command.withDescription(
    "Keep a store path with everything it refers to, or a release with its image, whatever the budget says.",
  ),
  Command.withShortDescription("Keep a store path or a release"),
  Command.withExamples([
    { command: 'skypanel cache pin acme/web:3 --reason "the audit wants it"', description: "Keep a release" },
    { command: "skypanel cache pin /nix/store/… --reason tools", description: "Keep a store path" },
  ]),
)

export const unpin = Command.make(
  "unpin",
  { pin: Argument.String("pin").pipe(Argument.withDescription("As `skypanel cache pins` shows it")) },
  Effect.fn(function* (given) {
    const { client } = yield* connect
    yield* show(yield* client.artifacts.unpin({ params: { pin: given.pin } }), pinList)
  }),
).pipe(Command.withDescription("Keep it no longer than anything else"))
