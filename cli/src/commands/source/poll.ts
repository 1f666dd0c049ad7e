import { ChangePoll } from "@skypanel/contract/Repository"
import { Effect } from "effect"
import { Argument, Command } from "effect/cli"
import { checked, type Issue } from "../../checked.ts"
import { repositoryDetails } from "../../render/repository.ts"
import { parseDuration } from "../../render/time.ts"
import { show } from "../../show.ts"
import { name } from "../name.ts"
import { serviceNamed } from "./repositoryCommand.ts"

const minuteMs = 60_000

/** Whole minutes; null for `off`. */
const minutesOf = (every: string, issues: Array<Issue>): number | null => {
  if (every === "off") return null
  const ms = parseDuration(every)
  if (ms === null || ms % minuteMs !== 0)
    issues.push({ path: "every", message: "write a time in whole minutes, such as 15m or 2h, or off" })
  return (ms ?? 0) / minuteMs
}

export const poll = Command.make(
  "poll",
  {
    name,
    every: Argument.String("every").pipe(
      Argument.withDescription("How often, such as 15m or 2h: from one minute to one day; or off"),
    ),
  },
  Effect.fn(function* (given) {
    const issues: Array<Issue> = []
    const minutes = minutesOf(given.every, issues)
    const payload = yield* Effect.fromResult(checked(ChangePoll, { minutes }, issues, "skypanel source poll"))
    const { client, named } = yield* serviceNamed(given.name)
    yield* show(yield* client.repository.changePoll({ ...named, payload }), repositoryDetails)
  }),
).pipe(
  Command.withDescription(
    "Ask the repository's host every so often for new commits, and deploy them; for where no webhook reaches",
  ),
)
