import { Effect, Option } from "effect"
import { Argument, Command } from "effect/cli"
import { NothingThere } from "../Failure.ts"
import { connectToOrganization } from "../Platform.ts"
import { deploymentList } from "../render/deployment.ts"
import { show } from "../show.ts"
import { name } from "./name.ts"
import { ordinal } from "./ordinal.ts"

export const deployments = Command.make(
  "deployments",
  { name },
  Effect.fn(function* (given) {
    const { client, organization } = yield* connectToOrganization
    const params = { organization, service: given.name }
    yield* show(yield* client.deployments.list({ params }), deploymentList)
  }),
).pipe(Command.withDescription("List the deployments of a service, newest first"))

export const cancel = Command.make(
  "cancel",
  {
    name,
    number: ordinal("number").pipe(
      Argument.optional,
      Argument.withDescription("Number of the deployment (default: the newest)"),
    ),
  },
  Effect.fn(function* (given) {
    const { client, organization } = yield* connectToOrganization
    const params = { organization, service: given.name }
    const newest = Option.isSome(given.number)
      ? given.number.value
      : (yield* client.services.get({ params })).deployment?.number
    if (newest === undefined)
      return yield* new NothingThere({ message: `${given.name} has no deployment.`, next: "" })
    const deployment = yield* client.deployments.cancel({ params: { ...params, number: newest } })
    yield* show(deployment, () => `Deployment ${newest} of ${given.name} is being canceled.`)
  }),
).pipe(Command.withDescription("Cancel a deployment that is under way; what serves now goes on serving"))
