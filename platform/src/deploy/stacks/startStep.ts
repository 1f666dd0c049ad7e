import { isDeepStrictEqual } from "node:util"
import { NotPossibleNow } from "@skypanel/contract/Errors"
import type { ReleaseId } from "@skypanel/contract/Id"
import type { StackPart } from "@skypanel/contract/Stack"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { serviceNameOf } from "../../domain/stacks/parts.ts"
import { loadRelease } from "../../store/Deployments.ts"
import type { ServiceRow } from "../../store/rows.ts"
import type { StackRow } from "../../store/Stacks.ts"
import { insertService } from "../requests/create.ts"
import { deployExisting, holdImage } from "../requests/existingRelease.ts"
import { changeService } from "../requests/update.ts"
import { withoutSecrets } from "../secretVariables.ts"
import { holdTemplate } from "../templates/admit.ts"
import { takeSecrets } from "./givenSecrets.ts"

/** Its service, whose row is locked; null: there is none. */
const lockPart = (stack: StackRow, key: string) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const [row] = yield* sql<ServiceRow>`select * from service
      where organization_id = ${stack.organization_id} and stack_id = ${stack.id} and stack_key = ${key} for update`
    if (row?.wish === "deleted")
      return yield* new NotPossibleNow({
        message: `The service "${row.name}" is still being deleted.`,
        next: "Try again when it is gone.",
      })
    return row ?? null
  })

/**
 * Takes back the service that the stack set free when it was dropped: it has the name and the volume. Only one that a
 * step of this very stack brought to a release; another stack before may have had the same name.
 */
const adoptPart = (stack: StackRow, key: string) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    Effect.map(
      sql<ServiceRow>`update service s set stack_id = ${stack.id}
        where organization_id = ${stack.organization_id} and stack_id is null and stack_key = ${key}
          and name = ${serviceNameOf(stack.name, key)} and wish <> 'deleted'
          and exists (select from stack_step t join release r on r.id = t.release_id
            where t.organization_id = s.organization_id and t.stack_id = ${stack.id} and t.key = ${key}
              and r.service_id = s.id)
        returning *`,
      (rows) => rows[0] ?? null,
    ),
  )

const createPart = (
  stack: StackRow,
  user: string,
  { key, title: _, secrets: __, needs: ___, environment, ...part }: StackPart,
  secrets: Readonly<Record<string, string>>,
) =>
  insertService({ id: stack.organization_id, slug: stack.organization_slug }, user, {
    ...part,
    environment: withoutSecrets(environment, secrets),
    secrets,
    portChosen: true,
    name: serviceNameOf(stack.name, key),
    stack: { id: stack.id, key },
  })

/**
 * What is built already is not built again: the source is deployed only where it is another than the release's. Where one
 * that failed stands in the service, it takes its place.
 */
const changePart = (
  row: ServiceRow,
  user: string,
  { source, ...part }: StackPart,
  secrets: Readonly<Record<string, string>>,
) =>
  Effect.gen(function* () {
    const release = row.current_release_id === null ? null : yield* loadRelease(row.current_release_id)
    const { environment, resources, port, healthPath, replicas, volume } = part
    const change = { environment, secrets, resources, port, healthPath, replicas, volume }
    if (!isDeepStrictEqual(release?.source, source))
      return yield* changeService(row, { ...change, source }, user)
    yield* holdTemplate(row.organization_id, source)
    return yield* changeService({ ...row, source }, change, user)
  })

/** Starts the deployment that brings a service to what the revision wants, in the caller's transaction. */
export const startStep = (stack: StackRow, user: string, part: StackPart, release: ReleaseId | null) =>
  Effect.gen(function* () {
    const row = yield* lockPart(stack, part.key)
    if (release !== null) {
      const wanted = yield* loadRelease(release)
      if (row === null || wanted === null)
        return yield* new NotPossibleNow({
          message: `The release that ${part.key} shall go back to is gone.`,
          next: "Choose a newer revision.",
        })
      return yield* deployExisting(row, yield* holdImage(wanted), "rollback", user)
    }
    const there = row ?? (yield* adoptPart(stack, part.key))
    const secrets = yield* takeSecrets(stack, part.key)
    return yield* there === null
      ? createPart(stack, user, part, secrets)
      : changePart(there, user, part, secrets)
  })

/** The same release anew: it is given what its references stand for now. */
export const restartPart = (stack: StackRow, user: string, key: string) =>
  Effect.gen(function* () {
    const row = yield* lockPart(stack, key)
    const release = row?.current_release_id ? yield* loadRelease(row.current_release_id) : null
    if (row === null || release === null)
      return yield* new NotPossibleNow({
        message: `${key} has no release any more.`,
        next: "Update the stack.",
      })
    return yield* deployExisting(row, yield* holdImage(release), "restart", user)
  })
