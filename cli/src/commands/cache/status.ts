import { ArtifactPolicy } from "@skypanel/contract/Artifacts"
import { parseSize } from "@skypanel/contract/Resources"
import { Effect, Option } from "effect"
import { Command, Flag } from "effect/cli"
import { checked, type Issue } from "../../checked.ts"
import { confirmed, yes } from "../../confirm.ts"
import { connect } from "../../Platform.ts"
import { keepWords, planWords, repairWords, statusWords } from "../../render/artifacts.ts"
import { Screen } from "../../Screen.ts"
import { show } from "../../show.ts"

export const status = Command.make(
  "status",
  {},
  Effect.fn(function* () {
    const { client } = yield* connect
    yield* show(yield* client.artifacts.get(), statusWords)
  }),
).pipe(
  Command.withDescription(
    "Show how large the artifact store is and grows, whose it is, how often it had what was asked for, damage, and the last collections",
  ),
  Command.withShortDescription("Show its size, growth, hit rate, damage and last collections"),
)

export const plan = Command.make(
  "plan",
  {},
  Effect.fn(function* () {
    const { client } = yield* connect
    yield* show(yield* client.artifacts.plan(), planWords)
  }),
).pipe(Command.withDescription("Show what a collection would do now, and why, without doing it"))

export const repair = Command.make(
  "repair",
  { yes },
  Effect.fn(function* (given) {
    const screen = yield* Screen
    const { client } = yield* connect
    const asked = {
      question:
        "Remove the files that are damaged? The next build that needs one uploads it again; until then the images that need them cannot be pulled whole.",
      whether: "damaged files may be removed",
      verb: "remove them",
    }
    if (!given.yes && !(yield* confirmed(asked))) return yield* screen.note("Nothing was changed.")
    yield* show(yield* client.artifacts.repair(), repairWords)
  }),
).pipe(
  Command.withDescription(
    "Look at each damaged file again and remove what is still not right, so that the next build that needs it uploads it again; says which releases need them. Asks before, unless --yes.",
  ),
  Command.withShortDescription("Have damaged files uploaded again; asks before, unless --yes"),
)

const budget = (name: string, of: string) =>
  Flag.String(name).pipe(
    Flag.withMetavar("SIZE"),
    Flag.optional,
    Flag.withDescription(`${of}, such as 200GiB; none: without a bound`),
  )
const number = (name: string, description: string) =>
  Flag.Int(name).pipe(Flag.withMetavar("NUMBER"), Flag.optional, Flag.withDescription(description))

export const keep = Command.make(
  "keep",
  {
    total: budget("total", "Budget of the whole store"),
    organization: budget("each-organization", "Budget of what an organization needs alone"),
    releases: number("releases", "So many newest releases of each service stay whatever the budget says"),
    grace: number("grace-hours", "What was wanted within this time stays"),
    every: number("every-hours", "A collection by itself each so many hours"),
  },
  Effect.fn(function* (given) {
    const { client } = yield* connect
    const { policy } = yield* client.artifacts.get()
    const issues: Array<Issue> = []
    const bytes = (path: string, text: Option.Option<string>, before: number | null) => {
      if (Option.isNone(text)) return before
      const size = text.value === "none" ? null : parseSize(text.value)
      if (text.value !== "none" && size === null)
        issues.push({ path, message: "write a size such as 200GiB, or none" })
      return size
    }
    const wanted = {
      totalBytes: bytes("total", given.total, policy.totalBytes),
      organizationBytes: bytes("each-organization", given.organization, policy.organizationBytes),
      keepReleases: Option.getOrElse(given.releases, () => policy.keepReleases),
      graceHours: Option.getOrElse(given.grace, () => policy.graceHours),
      everyHours: Option.getOrElse(given.every, () => policy.everyHours),
    }
    const payload = yield* Effect.fromResult(checked(ArtifactPolicy, wanted, issues, "skypanel cache keep"))
    const changed = Object.values(given).some((value: Option.Option<unknown>) => Option.isSome(value))
    yield* show(changed ? (yield* client.artifacts.setPolicy({ payload })).policy : policy, keepWords)
  }),
).pipe(
  Command.withDescription(
    "Show what is kept and how much there may be, or change it; what is not named stays",
  ),
  Command.withShortDescription("Show or change what is kept, and the budgets"),
  Command.withExamples([
    {
      command: "skypanel cache keep --total 200GiB --releases 5",
      description: "A budget, and fewer releases",
    },
    { command: "skypanel cache keep --total none", description: "Without a budget" },
  ]),
)
