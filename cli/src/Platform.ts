import { dirname } from "node:path"
import { fileURLToPath } from "node:url"
import { Api } from "@skypanel/contract/Api"
import { Duration, Effect, Option } from "effect"
import { HttpClient, HttpClientRequest } from "effect/http"
import { HttpApiClient } from "effect/http-api"
import { type Connection, findConnection } from "./connection.ts"
import { NothingThere, PlatformUnreachable } from "./Failure.ts"
import { Organization } from "./flags.ts"

const checkout = dirname(dirname(dirname(fileURLToPath(import.meta.url))))

/** Until an answer begins; a stream may then last as long as it likes. */
const answerWithin = Duration.seconds(20)

const typedClient = (connection: Connection) =>
  HttpApiClient.make(Api, {
    baseUrl: connection.url,
    transformClient: (client) =>
      client.pipe(
        HttpClient.mapRequest(HttpClientRequest.bearerToken(connection.token)),
        HttpClient.transformResponse(
          Effect.timeoutOrElse({
            duration: answerWithin,
            orElse: () =>
              Effect.fail(
                new PlatformUnreachable({
                  message: `${connection.url} takes the connection but does not answer.`,
                  next: "Try again; if it stays so, look at the platform's own log.",
                }) as never,
              ),
          }),
        ),
      ),
  })

export type Client = Effect.Success<ReturnType<typeof typedClient>>

/** The typed client on the platform that was found, and the session that it has there. */
export const connect = Effect.gen(function* () {
  const connection = yield* findConnection({ workingDirectory: process.cwd(), checkout })
  const client = yield* typedClient(connection)
  return { connection, client }
})

/** The same, in the organization that `--organization` names or that the user belongs to. */
export const connectToOrganization = Effect.gen(function* () {
  const { connection, client } = yield* connect
  const asked = yield* Organization
  if (Option.isSome(asked)) return { connection, client, organization: asked.value }
  const session = yield* client.session.get()
  const first = session.organizations[0]
  if (first === undefined)
    return yield* new NothingThere({
      message: "You belong to no organization.",
      next: "Ask one of its owners for an invitation.",
    })
  return { connection, client, organization: first.slug }
})
export type Place = Effect.Success<typeof connectToOrganization>
