import { Effect } from "effect"
import { Command } from "effect/cli"
import { connectToOrganization } from "../Platform.ts"
import { serviceList } from "../render/service.ts"
import { show } from "../show.ts"

export const services = Command.make(
  "services",
  {},
  Effect.fn(function* () {
    const { client, organization } = yield* connectToOrganization
    yield* show(yield* client.services.list({ params: { organization } }), serviceList)
  }),
).pipe(Command.withDescription("List the services of the organization"))
