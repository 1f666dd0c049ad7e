import { Effect } from "effect"
import { Argument, Command } from "effect/cli"
import { connect } from "../../Platform.ts"
import { changedPolicy } from "../../policyChange.ts"
import { policyKeys } from "../../policyKeys.ts"
import { policyWords } from "../../render/policy.ts"
import { show } from "../../show.ts"

const setPolicy = Command.make(
  "set",
  {
    changes: Argument.String("key=value").pipe(
      Argument.atLeast(1),
      Argument.withDescription("What to change, such as failover=5m"),
    ),
  },
  Effect.fn(function* (given) {
    const { client } = yield* connect
    const { policy } = yield* client.fleet.get()
    const payload = yield* Effect.fromResult(changedPolicy(policy, given.changes))
    const fleet = yield* client.fleet.setPolicy({ payload })
    yield* show(fleet.policy, policyWords)
  }),
).pipe(
  Command.withDescription(
    `Change the policy; what is not named stays. The keys are ${policyKeys.join(", ")}; \`skypanel workers policy\` shows what each means.`,
  ),
  Command.withShortDescription("Change the policy"),
  Command.withExamples([
    { command: "skypanel workers policy set failover=5m", description: "Wait five minutes before moving" },
    {
      command: "skypanel workers policy set alerts.cpu=80 alerts.for=10m",
      description: "Several keys at once",
    },
    { command: "skypanel workers policy set scaling=off", description: "Propose no more workers" },
  ]),
)

export const policy = Command.make(
  "policy",
  {},
  Effect.fn(function* () {
    const { client } = yield* connect
    const { policy } = yield* client.fleet.get()
    yield* show(policy, policyWords)
  }),
).pipe(
  Command.withDescription("Show by which rules workers are judged and services are moved, or change them"),
  Command.withSubcommands([setPolicy]),
)
