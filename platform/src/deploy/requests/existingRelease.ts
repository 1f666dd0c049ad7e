import type { DeploymentTrigger } from "@skypanel/contract/Deployment"
import { NotFound, NotPossibleNow } from "@skypanel/contract/Errors"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import type { Member } from "../../auth/Auth.ts"
import { configureAs, insertDeployment } from "../../store/Deployments.ts"
import { reconsiderSource } from "../../store/Repositories.ts"
import type { ReleaseRow, ServiceRow } from "../../store/rows.ts"
import { asTenant } from "../../store/Tenant.ts"
import { lockUsable } from "./lockedService.ts"
import { startDeployment } from "./startDeployment.ts"

/** A deployment of an existing release, in the caller's transaction: the configuration is the release's. */
export const deployExisting = (
  row: ServiceRow,
  release: ReleaseRow,
  trigger: DeploymentTrigger,
  user: string,
) =>
  Effect.gen(function* () {
    const configured = yield* configureAs(row, release)
    yield* reconsiderSource(configured)
    return yield* insertDeployment(configured, trigger, release.id, user)
  })

/** Starts a deployment of an existing release. */
const deployRelease = (
  organization: Member,
  user: string,
  name: string,
  trigger: DeploymentTrigger,
  choose: (service: ServiceRow) => Effect.Effect<ReleaseRow, NotFound | NotPossibleNow, SqlClient.SqlClient>,
) =>
  Effect.gen(function* () {
    const change = Effect.gen(function* () {
      const row = yield* lockUsable(organization, name)
      const release = yield* choose(row)
      return yield* deployExisting(row, release, trigger, user)
    })
    return yield* asTenant(organization.id, change).pipe(Effect.flatMap(startDeployment))
  })

const currentRelease = (service: ServiceRow) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const rows = yield* sql<ReleaseRow>`select * from release where id = ${service.current_release_id}`.pipe(
      Effect.orDie,
    )
    if (rows[0] === undefined)
      return yield* new NotPossibleNow({
        message: `"${service.name}" has no release yet.`,
        next: "Deploy it first.",
      })
    return rows[0]
  })

export const startService = (organization: Member, user: string, name: string) =>
  deployRelease(organization, user, name, "start", (service) =>
    service.wish === "running" && service.live_deployment_id !== null
      ? Effect.fail(
          new NotPossibleNow({
            message: `"${name}" runs already.`,
            next: "Restart it if that is what you want.",
          }),
        )
      : currentRelease(service),
  )

export const restartService = (organization: Member, user: string, name: string) =>
  deployRelease(organization, user, name, "restart", (service) =>
    service.wish === "stopped"
      ? Effect.fail(new NotPossibleNow({ message: `"${name}" is stopped.`, next: "Start it." }))
      : currentRelease(service),
  )

/** Holds the release's image against a collection from now on; the deployment that is started does so from then on. */
export const holdImage = (release: ReleaseRow) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const held = yield* sql`update image set wanted_at = now()
      where organization_id = ${release.organization_id} and service_id = ${release.service_id}
        and digest = ${release.image_digest} and collected_at is null returning digest`.pipe(Effect.orDie)
    if (held.length === 0)
      return yield* new NotPossibleNow({
        message: `The image of release ${release.number} was removed to make room: it is older than the releases that are kept.`,
        next: "Deploy its revision again, which builds it.",
      })
    return release
  })

export const rollBack = (organization: Member, user: string, name: string, number: number) =>
  deployRelease(organization, user, name, "rollback", (service) =>
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const rows = yield* sql<ReleaseRow>`select * from release
        where organization_id = ${organization.id} and service_id = ${service.id} and number = ${number}`.pipe(
        Effect.orDie,
      )
      if (rows[0] === undefined)
        return yield* new NotFound({
          message: `"${name}" has no release ${number}.`,
          next: "The list of releases shows which there are.",
        })
      return yield* holdImage(rows[0])
    }),
  )
