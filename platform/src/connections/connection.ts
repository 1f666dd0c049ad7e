import { NotPossibleNow } from "@skypanel/contract/Errors"
import { type GitUrl, parseGitUrl } from "@skypanel/contract/GitUrl"
import type { Repository } from "@skypanel/contract/Repository"
import { Effect, Result } from "effect"
import type { Member } from "../auth/Auth.ts"
import { PlatformConfig } from "../config.ts"
import { lockUsable } from "../deploy/requests/lockedService.ts"
import { readConnection } from "../store/Repositories.ts"
import type { ServiceRow } from "../store/rows.ts"
import { asTenant } from "../store/Tenant.ts"

export interface Connected {
  readonly service: ServiceRow
  readonly url: GitUrl
}

/** Where the service's source is fetched from. */
const urlOf = (service: ServiceRow) => {
  const url = service.source._tag === "git" ? parseGitUrl(service.source.url, { allowPrivate: true }) : null
  return url === null || Result.isFailure(url)
    ? Effect.fail(
        new NotPossibleNow({
          message: `The source of "${service.name}" is no Git repository.`,
          next: "Deploy it from a repository first.",
        }),
      )
    : Effect.succeed(url.success)
}

const view = ({ service, url }: Connected) =>
  Effect.gen(function* () {
    const { publicUrl } = yield* PlatformConfig
    const { source } = service
    return {
      url: url.href,
      branch: source._tag === "git" ? source.ref : null,
      protocol: url.protocol,
      ...(yield* readConnection(service, publicUrl)),
    } satisfies Repository
  })

/** Changes the connection of a service to its repository, one request at a time, and answers with what it is then. */
export const changeConnection = <A, E, R>(
  organization: Member,
  name: string,
  change: (connected: Connected) => Effect.Effect<A, E, R>,
) =>
  asTenant(
    organization.id,
    Effect.gen(function* () {
      const service = yield* lockUsable(organization, name)
      const connected = { service, url: yield* urlOf(service) }
      const value = yield* change(connected)
      return { repository: yield* view(connected), value }
    }),
  )

export const findConnection = (organization: Member, name: string) =>
  Effect.map(
    changeConnection(organization, name, () => Effect.void),
    ({ repository }) => repository,
  )
