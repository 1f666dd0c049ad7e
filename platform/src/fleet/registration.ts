import { randomBytes } from "node:crypto"
import type { PgClient } from "@effect/sql-pg"
import { Unauthorized } from "@skypanel/contract/Errors"
import type { WorkerId } from "@skypanel/contract/Id"
import { WorkerName } from "@skypanel/contract/Worker"
import { type Registered, type Registration, registrationText } from "@skypanel/contract/WorkerIdentity"
import { Effect, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { newWorkerId } from "../domain/id.ts"
import { isInRange } from "../domain/workers/addressRange.ts"
import { isSignedBy } from "../domain/workers/ed25519.ts"
import { Notifications } from "../notify/Notifications.ts"
import { audit, countMisuse } from "../store/Audit.ts"
import { holderOfName, type InstallationOfToken, lockInstallation, markUsed } from "../store/Installations.ts"
import type { WorkerRow } from "../store/rows.ts"
import { addWorkerKey, revokeWorkerKeys } from "../store/WorkerKeys.ts"
import { AgentSessions } from "./AgentSessions.ts"
import { PlatformKey } from "./PlatformKey.ts"

/** Of what people see: a token is refused in the same words whether it never was one or is wrong in one letter. */
const unknownToken = new Unauthorized({
  message: "This token is not known here.",
  next: "Add a worker on the platform's page and use the new command.",
})

const again = "Add a worker on the platform's page and use the new command."

/** Why a token cannot be used any more, or not from there; null when it can. */
export const whyRefused = (of: InstallationOfToken, address: string | null): string | null => {
  if (of.revoked_at !== null) return "This token was revoked."
  if (of.used_at !== null) return "This token was used already."
  if (of.expired) return "This token is more than an hour old."
  if (of.allow_from !== null && (address === null || !isInRange(address, of.allow_from)))
    return "This token may not be used from this machine's address."
  return null
}

/** `Web_1.example.com` gives `web-1`; a name that is taken gets a number. */
const freeName = (hostName: string) =>
  Effect.gen(function* () {
    const label = hostName
      .toLowerCase()
      .split(".")[0]!
      .replace(/[^a-z0-9-]+/g, "-")
      .replace(/^-+|-+$/g, "")
      .slice(0, 58)
    const base = Schema.is(WorkerName)(label) ? label : "worker"
    if ((yield* holderOfName(base)) === null) return base
    for (let number = 2; number < 10_000; number++) {
      const name = `${base}-${number}`
      if ((yield* holderOfName(name)) === null) return name
    }
    return `${base}-${randomBytes(4).toString("hex")}`
  })

const makeWorker = (of: InstallationOfToken, { hostName }: Registration) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const name = of.name ?? (yield* freeName(hostName))
    const rows = yield* sql<WorkerRow>`
      insert into worker (id, name, development, roles, granted_roles, labels, region)
      select ${newWorkerId()}, ${name}, i.development, i.roles, i.roles, i.labels, i.region
      from installation i where i.id = ${of.id} returning *`
    return rows[0]!
  })

/** The same worker with another identity: what it had is of no use any more. */
const replaceIdentity = (of: InstallationOfToken, id: WorkerId) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    yield* revokeWorkerKeys(id)
    const rows =
      yield* sql<WorkerRow>`update worker set granted_roles = i.roles, goodbye = null, node_id = null
      from installation i where worker.id = ${id} and i.id = ${of.id} and worker.removed_at is null returning worker.*`
    return rows[0] ?? null
  })

/** More than this says nothing new, and whoever has an old token could fill the disk with it. */
const misusesTold = 20

/** Told, because somebody may have read the command who should not have. */
const tellMisuse = (of: InstallationOfToken, why: string, address: string | null) =>
  Effect.gen(function* () {
    const notifications = yield* Notifications
    if ((yield* countMisuse(of.id)) >= misusesTold) return
    const from = address === null ? "" : ` from ${address}`
    yield* audit({
      action: "installation.misused",
      tone: "bad",
      text: `An installation's token was presented${from} and refused: ${why}`,
      worker: of.worker_id,
      installation: of.id,
    })
    yield* notifications.tell({
      kind: "security",
      tone: "bad",
      title: "An installation's token was used a second time, or where it may not be",
      body: `${why} It was presented${from}. If that was not you, remove the worker that it made and revoke what is open.`,
      workerId: of.worker_id,
    })
  })

const answer = (worker: WorkerRow, keyId: Registered["keyId"]) =>
  Effect.map(PlatformKey, ({ publicKey }) => ({
    workerId: worker.id,
    keyId,
    name: worker.name,
    roles: worker.granted_roles,
    platformKey: publicKey,
  }))

/** An answer that was lost on the way is given again: to the same key, within the token's hour. */
const answeredBefore = (of: InstallationOfToken, { publicKey }: Registration) =>
  Effect.gen(function* () {
    if (of.used_at === null || of.expired || of.public_key !== publicKey || of.worker_id === null) return null
    const sql = yield* SqlClient.SqlClient
    const [found] = yield* sql<WorkerRow & { readonly key_id: Registered["keyId"] }>`
      select w.*, k.id as key_id from worker w join worker_key k on k.worker_id = w.id
      where w.id = ${of.worker_id} and w.removed_at is null and k.public_key = ${publicKey} and k.revoked_at is null`
    return found === undefined ? null : yield* answer(found, found.key_id)
  })

const use = (of: InstallationOfToken, registration: Registration) =>
  Effect.gen(function* () {
    const worker =
      of.replaces_worker_id === null
        ? yield* makeWorker(of, registration)
        : yield* replaceIdentity(of, of.replaces_worker_id)
    if (worker === null) return yield* unknownToken
    const keyId = yield* addWorkerKey(worker.id, registration.publicKey)
    yield* markUsed(of.id, worker.id, registration.publicKey)
    return { worker, answer: yield* answer(worker, keyId) }
  })

const tellAdded = (of: InstallationOfToken, { id, name }: WorkerRow) =>
  Effect.gen(function* () {
    const notifications = yield* Notifications
    const replaced = of.replaces_worker_id !== null
    yield* audit({
      actor: name,
      action: replaced ? "worker.identity-replaced" : "worker.registered",
      tone: "good",
      text: replaced
        ? `${name} has another identity.`
        : `${name} was added with an installation of ${of.created_by}.`,
      worker: id,
      installation: of.id,
    })
    if (!of.development)
      yield* notifications.tell({
        kind: "worker-added",
        tone: "good",
        title: replaced ? `${name} has another identity` : `${name} was added`,
        body: `${of.created_by} made the installation that it used.`,
        workerId: id,
      })
  })

/**
 * Trades a token for an identity, once. The proof shows that whoever asks has the key. What is refused changes nothing
 * but the list of what happened.
 */
export const register = (registration: Registration, address: string | null) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const sessions = yield* AgentSessions
    const { token, publicKey, proof } = registration
    if (!isSignedBy(publicKey, registrationText({ token, publicKey }), proof))
      return yield* new Unauthorized({
        message: "The proof does not fit the public key.",
        next: "Only the machine that has the private key can register it.",
      })
    const outcome = yield* sql.withTransaction(
      Effect.gen(function* () {
        const of = yield* lockInstallation(token)
        if (of === null) return yield* unknownToken
        const before = yield* answeredBefore(of, registration)
        if (before !== null) return { registered: before }
        const why = whyRefused(of, address)
        if (why !== null) {
          yield* tellMisuse(of, why, address)
          return { refused: why }
        }
        const used = yield* use(of, registration)
        yield* tellAdded(of, used.worker)
        return { registered: used.answer, replaced: of.replaces_worker_id }
      }),
    )
    // Whoever still speaks with the identity before does not any more.
    if (outcome.replaced) yield* sessions.expel(outcome.replaced)
    if (outcome.registered !== undefined) return outcome.registered satisfies Registered
    return yield* new Unauthorized({ message: outcome.refused, next: again })
  }).pipe(
    // A key that is registered already, or a name that was taken in this very moment.
    Effect.catchReason("SqlError", "UniqueViolation", () =>
      Effect.fail(
        new Unauthorized({ message: "This key, or the worker's name, is registered already.", next: again }),
      ),
    ),
  )

export type RegistrationNeeds =
  | SqlClient.SqlClient
  | PgClient.PgClient
  | Notifications
  | PlatformKey
  | AgentSessions
