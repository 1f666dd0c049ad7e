import type { Repository } from "@skypanel/contract/Repository"
import { Effect } from "effect"
import { Command } from "effect/cli"
import { type Client, connectToOrganization } from "../../Platform.ts"
import { repositoryDetails } from "../../render/repository.ts"
import type { View } from "../../render/view.ts"
import { show } from "../../show.ts"
import { name } from "../name.ts"

export interface ServiceParams {
  readonly params: { readonly organization: string; readonly service: string }
}

/** The service that a command names, and the client to ask about it with. */
export const serviceNamed = (service: string) =>
  Effect.map(connectToOrganization, ({ client, organization }) => ({
    client,
    named: { params: { organization, service } } satisfies ServiceParams,
  }))

/** A command that changes the connection of a service to its repository, and shows what it is then. */
export const changing = <const Name extends string, E>(
  verb: Name,
  description: string,
  request: (client: Client, named: ServiceParams) => Effect.Effect<Repository, E>,
  render: (repository: Repository, view: View) => ReadonlyArray<string> = repositoryDetails,
) =>
  Command.make(
    verb,
    { name },
    Effect.fn(function* (given) {
      const { client, named } = yield* serviceNamed(given.name)
      yield* show(yield* request(client, named), render)
    }),
  ).pipe(Command.withDescription(description))
