import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { deedOf } from "../domain/newerImage.ts"
import { Notifications } from "../notify/Notifications.ts"
import { insertDeployment } from "../store/Deployments.ts"
import { deploymentOf, readKnown, rememberTold, servingDigest } from "../store/ImageChecks.ts"
import { type Answered, newestBuilt, polling, takeRevision } from "../store/PolledRevisions.ts"
import type { ServiceRow } from "../store/rows.ts"

/** Of a newer digest members are told once, in the transaction that writes so. */
const tellMembers = (service: ServiceRow, digest: string) =>
  Effect.gen(function* () {
    if (service.source._tag !== "image" || !(yield* rememberTold(service, digest))) return
    const { name, organization_slug: slug } = service
    const notifications = yield* Notifications
    yield* notifications.tellMembers(service.organization_id, {
      kind: "image",
      tone: "info",
      title: `${name} (${slug}): there is a newer image of ${service.source.reference}.`,
      body: `It is ${digest}.\nNext: deploy it, on the page or with: skypanel redeploy ${name}`,
      workerId: null,
      path: `/organizations/${encodeURIComponent(slug)}/services/${encodeURIComponent(name)}/settings`,
    })
  })

/**
 * Does what the service's policy wants done about a digest that its image's tag leads to: once for each digest, so that
 * one which does not get live is not tried again and again. Null: no deployment was started.
 */
export const takeDigest = (answered: Answered) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const { revision: digest } = answered
    const take = Effect.gen(function* () {
      const [service] = yield* sql<ServiceRow>`select * from service
        where id = ${answered.service_id} and organization_id = ${answered.organization_id} for update`
      if (service === undefined || service.wish !== "running" || service.source._tag !== "image") return null
      const { action, revision } = yield* readKnown(service)
      // Meanwhile it may have got another source, or another answer.
      if (revision !== digest) return null
      const deed = deedOf({
        action,
        digest,
        serves: yield* servingDigest(service),
        newest: yield* newestBuilt(service),
        deployed: (yield* deploymentOf(service, digest, true)) !== null,
      })
      if (deed === "wait") return null
      yield* takeRevision(answered)
      if (deed === "tell") yield* tellMembers(service, digest)
      return deed === "deploy" ? yield* insertDeployment(service, "push", null, polling, digest) : null
    })
    return yield* sql.withTransaction(take)
  })
