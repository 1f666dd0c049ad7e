import { type HookDelivery, type HookProvider, hookProviders } from "@skypanel/contract/Repository"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { startDeployment } from "../deploy/requests/startDeployment.ts"
import { type HookEvent, type Push, readHookEvent } from "../domain/git/hookEvent.ts"
import {
  type DeliveryNames,
  eventOf,
  type Headers,
  isSigned,
  namesOf,
  readPayload,
} from "../domain/git/hookRequest.ts"
import { branchOf, whyNotDeployed } from "../domain/git/pushVerdict.ts"
import { Sealing } from "../sealing/Sealing.ts"
import { insertDeployment } from "../store/Deployments.ts"
import { type HookRow, isDelivered, noteRefusal, recordDelivery } from "../store/Hooks.ts"
import { sealedFor } from "../store/Repositories.ts"
import type { ServiceRow } from "../store/rows.ts"
import { asTenant } from "../store/Tenant.ts"

interface Delivery {
  readonly provider: HookProvider
  readonly event: string
  readonly names: DeliveryNames
  readonly content: HookEvent
}

type Told = Pick<HookDelivery, "outcome" | "reason" | "deployment">
const ignored = (reason: string): Told => ({ outcome: "ignored", reason, deployment: null })

const whyNot = (service: ServiceRow, hook: HookRow, push: Push): string | null => {
  if (service.source._tag !== "git") return "The service's source is no Git repository."
  if (service.wish === "deleted") return "The service is being deleted."
  const reason = whyNotDeployed({ ref: service.source.ref, paths: hook.paths }, push)
  return reason === null && service.wish === "stopped" ? "The service is stopped." : reason
}

const createdBy = (provider: HookProvider, { author }: Push): string => {
  const { title } = hookProviders[provider]
  const sender = provider === "generic" ? title : `webhook ${title}`
  return author === null ? sender : `${sender}, author ${author}`
}

const ofPush = (service: ServiceRow, hook: HookRow, provider: HookProvider, push: Push) =>
  Effect.gen(function* () {
    const reason = whyNot(service, hook, push)
    if (reason !== null) return { told: ignored(reason), started: null }
    const started = yield* insertDeployment(service, "push", null, createdBy(provider, push), push.revision)
    const told: Told = { outcome: "deployed", reason: "It is deployed.", deployment: started.number }
    return { told, started }
  })

const notDeployed = (content: Exclude<HookEvent, Push>): Told => {
  switch (content._tag) {
    case "ping":
      return ignored("It was a test: the webhook works.")
    case "other":
      return ignored("Only pushes deploy.")
    case "malformed":
      return ignored("It does not say what was pushed.")
  }
}

const take = (service: ServiceRow, hook: HookRow, { provider, event, content, names }: Delivery) =>
  Effect.gen(function* () {
    if (yield* isDelivered(service, names))
      return { told: ignored("It was delivered before."), started: null }
    const push = content._tag === "push" ? content : null
    const done =
      content._tag === "push"
        ? yield* ofPush(service, hook, provider, content)
        : { told: notDeployed(content), started: null }
    yield* recordDelivery(service, names, {
      provider,
      event,
      branch: push === null ? null : branchOf(push),
      revision: push?.revision ?? null,
      author: push?.author ?? null,
      ...done.told,
    })
    return done
  })

/**
 * Does what a delivery asks for: all of it or nothing, and once. What is in it was checked by the webhook's secret;
 * gives null where it was not.
 */
export const deliver = (hook: HookRow, provider: HookProvider, header: Headers, body: Uint8Array) =>
  Effect.gen(function* () {
    const sealing = yield* Sealing
    const sql = yield* SqlClient.SqlClient
    const about = sealedFor({ id: hook.service_id, organization_id: hook.organization_id }, "hook")
    const secret = sealing.open({ sealed: hook.sealed, key: hook.sealing_key }, about)
    if (secret === null || !isSigned(provider, secret, header, body)) {
      yield* noteRefusal(hook)
      return null
    }
    const event = eventOf(provider, header)
    const delivery = {
      provider,
      event,
      names: namesOf(provider, header, body),
      content: readHookEvent(provider, event, readPayload(header("content-type"), body)),
    }
    const { told, started } = yield* asTenant(
      hook.organization_id,
      Effect.gen(function* () {
        const [service] = yield* sql<ServiceRow>`select * from service
          where id = ${hook.service_id} and organization_id = ${hook.organization_id} for update`
        return service === undefined
          ? { told: ignored("The service is gone."), started: null }
          : yield* take(service, hook, delivery)
      }),
    )
    if (started !== null) yield* startDeployment(started)
    return told
  })
