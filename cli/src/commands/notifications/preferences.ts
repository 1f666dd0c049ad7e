import { type NotificationPreference, notificationKinds } from "@skypanel/contract/Notification"
import { Effect, Option, Result } from "effect"
import { Argument, Command } from "effect/cli"
import { type Issue, refuse } from "../../checked.ts"
import type { BadInput } from "../../Failure.ts"
import { connect } from "../../Platform.ts"
import { readPairs } from "../../pairs.ts"
import { preferenceList } from "../../render/notification.ts"
import { show } from "../../show.ts"

const kinds = Object.keys(notificationKinds)
const command = "skypanel notifications preferences"

type Change = Partial<Pick<NotificationPreference, "page" | "email">>

const readChange = (texts: ReadonlyArray<string>, issues: Array<Issue>): Change => {
  const change: { page?: boolean; email?: boolean } = {}
  for (const [where, value] of readPairs("page=on", texts, issues)) {
    if ((where === "page" || where === "email") && (value === "on" || value === "off"))
      change[where] = value === "on"
    else issues.push({ path: where.slice(0, 80), message: "write page=on, page=off, email=on or email=off" })
  }
  return change
}

/** All preferences, with those of one kind changed. */
const changedPreferences = (
  preferences: ReadonlyArray<NotificationPreference>,
  kind: string,
  texts: ReadonlyArray<string>,
): Result.Result<ReadonlyArray<NotificationPreference>, BadInput> => {
  const issues: Array<Issue> = []
  if (!kinds.includes(kind))
    issues.push({
      path: kind.slice(0, 80),
      message: `there is no such kind; the kinds are ${kinds.join(", ")}`,
    })
  if (texts.length === 0) issues.push({ path: kind, message: "say page=on, page=off, email=on or email=off" })
  const change = readChange(texts, issues)
  return issues.length > 0
    ? Result.fail(refuse(issues, command))
    : Result.succeed(preferences.map((each) => (each.kind === kind ? { ...each, ...change } : each)))
}

export const preferences = Command.make(
  "preferences",
  {
    kind: Argument.String("kind").pipe(
      Argument.optional,
      Argument.withDescription("Kind of notification to change (default: only show all of them)"),
    ),
    changes: Argument.String("page=on").pipe(
      Argument.atLeast(0),
      Argument.withDescription("page=on, page=off, email=on or email=off"),
    ),
  },
  Effect.fn(function* (given) {
    const { client } = yield* connect
    const before = yield* client.notifications.preferences()
    if (Option.isNone(given.kind)) return yield* show(before, preferenceList)
    const payload = yield* Effect.fromResult(changedPreferences(before, given.kind.value, given.changes))
    yield* show(yield* client.notifications.setPreferences({ payload }), preferenceList)
  }),
).pipe(
  Command.withDescription(
    `Show what you are told of, on the page and by e-mail, or change it for one kind: ${kinds.join(", ")}.`,
  ),
  Command.withShortDescription("Show or choose what you are told of, and where"),
  Command.withExamples([
    {
      command: "skypanel notifications preferences worker-lost email=on",
      description: "An e-mail when a worker is lost",
    },
  ]),
)
