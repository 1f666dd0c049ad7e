import { NotPossibleNow } from "@skypanel/contract/Errors"
import type { BuildId, OrganizationId } from "@skypanel/contract/Id"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { type Asker, wordsOf } from "../deploy/templates/asker.ts"
import { type TrialName, trialOf } from "../deploy/templates/trial.ts"
import { readBuildLog } from "../store/Builds.ts"
import { asTenant } from "../store/Tenant.ts"
import { follow, removed, textOf } from "./buildLog.ts"

const tried = (asker: Asker, named: TrialName) =>
  Effect.gen(function* () {
    const { name, number, kind, part } = named
    const build = yield* trialOf(asker, named)
    if (build === null)
      return yield* new NotPossibleNow({
        message: `Nobody has validated version ${number} of "${name}"${part === null ? "" : `, or it has no service "${part}"`}.`,
        next: `Try it: ${wordsOf[kind].validate} ${name} ${number}`,
      })
    if (build.log_removed_at !== null) return yield* removed(`the trial of version ${number}`)
    return build
  })

/** All that a trial build has written until now: for whoever may change the template. */
export const trialLog = (asker: Asker, named: TrialName) =>
  Effect.flatMap(tried(asker, named), ({ id, organization_id }) => textOf(organization_id, id))

const nextLines = (organization: OrganizationId, build: BuildId, after: number) =>
  asTenant(
    organization,
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const [row] = yield* sql<{ ended: boolean }>`
        select finished_at is not null as ended from build where id = ${build}`
      const lines = yield* readBuildLog(build, after)
      return { lines, end: lines.length === 0 && row?.ended !== false }
    }),
  )

/** The same as it is written, until its end; a trial that is tried again, or goes, has ended. */
export const followTrial = (asker: Asker, named: TrialName, from: number) =>
  Effect.flatMap(tried(asker, named), ({ id, organization_id }) =>
    follow(
      from,
      (after) => nextLines(organization_id, id, after),
      (change) => change.build === id,
    ),
  )
