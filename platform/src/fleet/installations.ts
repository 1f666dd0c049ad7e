import { randomBytes } from "node:crypto"
import type { PgClient } from "@effect/sql-pg"
import { InvalidInput, NameTaken, NotFound, NotPossibleNow } from "@skypanel/contract/Errors"
import { type CreateInstallation, defaultRoles, type Installation } from "@skypanel/contract/Installation"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { isRange } from "../domain/workers/addressRange.ts"
import { audit } from "../store/Audit.ts"
import {
  findInstallation,
  holderOfName,
  insertInstallation,
  type NewInstallation,
  revokeInstallation,
} from "../store/Installations.ts"
import type { InstallationRow, WorkerRow } from "../store/rows.ts"

/** An installation that was made just now: the one time that its token is known. */
export interface Fresh {
  readonly row: InstallationRow
  readonly token: string
}

const make = (of: Omit<NewInstallation, "token">, text: string, worker: WorkerRow | null) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const token = randomBytes(32).toString("base64url")
    const row = yield* sql.withTransaction(
      Effect.tap(insertInstallation({ ...of, token }), ({ id }) =>
        audit({
          actor: of.createdBy,
          action: "installation.created",
          text,
          installation: id,
          worker: worker?.id ?? null,
        }),
      ),
    )
    return { row, token } satisfies Fresh
  })

const describe = ({ name, roles }: Omit<NewInstallation, "token">) =>
  `An installation for ${name ?? "a worker"} (${roles.join(", ")}) was made.`

/** Makes the permission to add one worker. A name that is given is kept for it as long as it can be used. */
export const createInstallation = (request: CreateInstallation, createdBy: string) =>
  Effect.gen(function* () {
    const { name = null, allowFrom = null } = request
    const holder = name === null ? null : yield* holderOfName(name)
    if (holder === "installation")
      return yield* new NameTaken({
        message: `The name "${name}" is kept for a command that was not used yet.`,
        next: "Use that command or revoke it, or choose another name.",
      })
    if (holder === "worker")
      return yield* new NameTaken({
        message: `The name "${name}" is taken.`,
        next: "Choose another name, or leave it out: then it is the machine's host name.",
      })
    if (allowFrom !== null && !isRange(allowFrom)) {
      const message = `"${allowFrom}" is no address range.`
      return yield* new InvalidInput({
        message,
        next: "Write it as in 192.0.2.0/24 or 2001:db8::/32.",
        issues: [{ path: "allowFrom", message }],
      })
    }
    const of = {
      name,
      roles: [...new Set(request.roles ?? defaultRoles)],
      labels: request.labels ?? {},
      region: request.region ?? null,
      runtime: request.runtime ?? "deno",
      allowFrom,
      replaces: null,
      development: false,
      createdBy,
    }
    return yield* make(of, describe(of), null)
  })

/** The permission to give a worker that is there another identity. */
export const replaceWorker = (worker: WorkerRow, createdBy: string) =>
  Effect.gen(function* () {
    if (worker.removed_at !== null)
      return yield* new NotPossibleNow({
        message: `"${worker.name}" was removed.`,
        next: "Add the machine as a new worker.",
      })
    const of = {
      name: worker.name,
      roles: worker.granted_roles,
      labels: worker.labels,
      region: worker.region,
      runtime: "deno" as const,
      allowFrom: null,
      replaces: worker.id,
      development: worker.development,
      createdBy,
    }
    return yield* make(of, `An installation that replaces the identity of ${worker.name} was made.`, worker)
  })

export const getInstallation = (id: string) =>
  Effect.flatMap(findInstallation(id), (found) =>
    found === null
      ? Effect.fail(
          new NotFound({
            message: "There is no such installation.",
            next: "The list of installations shows those of the last day.",
          }),
        )
      : Effect.succeed(found),
  )

export const endInstallation = (id: string, actor: string) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const found: Installation = yield* getInstallation(id)
    const revoked = yield* sql.withTransaction(
      Effect.gen(function* () {
        if (!(yield* revokeInstallation(found.id))) return false
        yield* audit({
          actor,
          action: "installation.revoked",
          text: "An installation was revoked.",
          installation: found.id,
        })
        return true
      }),
    )
    if (!revoked)
      return yield* new NotPossibleNow({
        message: `This installation is ${found.state} already.`,
        next:
          found.worker === null
            ? "Nothing can be done with it any more."
            : `Remove the worker ${found.worker} instead.`,
      })
    return yield* getInstallation(id)
  })

export type InstallationNeeds = SqlClient.SqlClient | PgClient.PgClient
