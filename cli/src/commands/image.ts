import { ChangeImagePolicy, type ImageCheck, imageWaitMost } from "@skypanel/contract/ImageCheck"
import { Clock, Effect, Option } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { checked, type Issue } from "../checked.ts"
import { EndedOtherwise, StillGoing } from "../Failure.ts"
import { whileAway } from "../follow.ts"
import type { Client } from "../Platform.ts"
import { imageDetails } from "../render/imageCheck.ts"
import { parseDuration } from "../render/time.ts"
import { show } from "../show.ts"
import { name } from "./name.ts"
import { type ServiceParams, serviceNamed } from "./source/repositoryCommand.ts"

const minuteMs = 60_000
const patienceMs = 5 * minuteMs

/** The check when it is not under way any more, or waits for what may take long. */
const settled = (client: Client, named: ServiceParams) =>
  Effect.gen(function* () {
    const begun = yield* Clock.currentTimeMillis
    for (;;) {
      const now = yield* whileAway(client.image.get({ ...named, query: { wait: imageWaitMost } }))
      const waited = (yield* Clock.currentTimeMillis) - begun
      if (now.progress === "none" || now.waitsFor !== null || waited > patienceMs) return now
    }
  })

/** Why the check has told nothing new. */
const shortcoming = ({ progress, waitsFor, failure }: ImageCheck, service: string) => {
  if (progress !== "none")
    return new StillGoing({
      message: `It is not checked yet: ${waitsFor ?? "no builder has answered"}.`,
      next: `It will be; see what came of it with skypanel image show ${service}.`,
    })
  return failure === null ? null : new EndedOtherwise({ message: failure.title, next: failure.next })
}

const check = Command.make(
  "check",
  { name },
  Effect.fn(function* (given) {
    const { client, named } = yield* serviceNamed(given.name)
    yield* client.image.check(named)
    const found = yield* settled(client, named)
    yield* show(found, imageDetails)
    const short = shortcoming(found, given.name)
    if (short !== null) return yield* short
  }),
).pipe(
  Command.withDescription(
    "Ask the image's registry where the tag leads now: to what serves, or to a newer image, which skypanel redeploy brings. Exit code 1 when the registry cannot be asked.",
  ),
  Command.withShortDescription("Ask whether there is a newer image"),
)

const minutesOf = (every: string, issues: Array<Issue>): number => {
  const ms = /^\d+$/.test(every) ? Number(every) * minuteMs : parseDuration(every)
  if (ms === null || ms % minuteMs !== 0)
    issues.push({ path: "every", message: "write minutes, such as 60, or a time, such as 2h" })
  return (ms ?? 0) / minuteMs
}

const policy = Command.make(
  "policy",
  {
    name,
    action: Argument.Literals("action", ["off", "notify", "deploy"]).pipe(
      Argument.withDescription("What becomes of a newer image: nothing, members are told, or it is deployed"),
    ),
    every: Flag.String("every").pipe(
      Flag.withMetavar("MINUTES"),
      Flag.optional,
      Flag.withDescription("How often it is checked, such as 60 or 2h: from 15 minutes to one day"),
    ),
  },
  Effect.fn(function* (given) {
    const issues: Array<Issue> = []
    const request = {
      action: given.action,
      ...(Option.isSome(given.every) && { minutes: minutesOf(given.every.value, issues) }),
    }
    const payload = yield* Effect.fromResult(
      checked(ChangeImagePolicy, request, issues, "skypanel image policy"),
    )
    const { client, named } = yield* serviceNamed(given.name)
    yield* show(yield* client.image.changePolicy({ ...named, payload }), imageDetails)
  }),
).pipe(
  Command.withDescription(
    "Check the image by itself every so often (every hour unless --every says otherwise), and say what becomes of a newer one, once for each",
  ),
  Command.withShortDescription("Check for a newer image by itself, or not"),
  Command.withExamples([
    {
      command: "skypanel image policy cache deploy --every 60",
      description: "Deploy what the tag leads to, within the hour",
    },
  ]),
)

const showImage = Command.make(
  "show",
  { name },
  Effect.fn(function* (given) {
    const { client, named } = yield* serviceNamed(given.name)
    yield* show(yield* client.image.get({ ...named, query: {} }), imageDetails)
  }),
).pipe(
  Command.withDescription("Show what is known of where the image's tag leads, without asking its registry"),
)

export const image = Command.make("image").pipe(
  Command.withDescription("Newer images of a service that is made of an image: checks by hand and by policy"),
  Command.withShortDescription("Check a service's image for a newer one"),
  Command.withSubcommands([check, policy, showImage]),
)
