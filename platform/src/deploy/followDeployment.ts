import {
  type Deployment,
  type DeploymentFailure,
  isFinished,
  type StepName,
} from "@skypanel/contract/Deployment"
import type { BuildId, DeploymentId, OrganizationId } from "@skypanel/contract/Id"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { readBuildLog } from "../store/Builds.ts"
import { Changes } from "../store/Changes.ts"
import { asTenant } from "../store/Tenant.ts"

interface FollowedRow {
  readonly status: Deployment["status"]
  readonly failure: DeploymentFailure | null
  readonly release: number | null
  readonly unchanged: boolean
  readonly build: BuildId | null
}

export interface FollowedDeployment {
  readonly status: "live" | "failed" | "canceled"
  readonly failure: DeploymentFailure | null
  readonly release: number | null
  /** That release served already. */
  readonly unchanged: boolean
}

/** What of a build's log is shown to whoever waits for it; the rest is in the page. */
const linesMax = 10_000

const words: Record<StepName, string> = {
  queued: "waiting for a builder",
  building: "building",
  publishing: "publishing",
  "rolling-out": "rolling out",
  verifying: "verifying",
}

/** Shows a deployment's steps and its build log, line by line, until it has ended. */
export const followDeployment = (
  organization: OrganizationId,
  id: DeploymentId,
  say: (line: string) => void,
) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const changes = yield* Changes
    let seen = 0
    let shown = 0
    let status: Deployment["status"] | null = null
    /** Null: nothing is new. */
    const look = asTenant(
      organization,
      Effect.gen(function* () {
        const [row] = yield* sql<FollowedRow>`
          select d.status, d.failure, r.number as release, b.id as build,
            d.receipt ->> 'unchanged' is not distinct from 'true' as unchanged
          from deployment d left join build b on b.deployment_id = d.id left join release r on r.id = d.release_id
          where d.id = ${id} and d.organization_id = ${organization}`
        if (row === undefined) return { row: null, lines: [] }
        const lines = row.build === null ? [] : yield* readBuildLog(row.build, seen)
        return lines.length > 0 || row.status !== status ? { row, lines } : null
      }),
    )
    while (true) {
      const { row, lines } = yield* changes.until(look, (change) => change.deployment === id)
      if (row === null)
        return { status: "canceled", failure: null, release: null, unchanged: false } as FollowedDeployment
      for (const { seq, text } of lines) {
        seen = seq
        if (shown < linesMax) say(`  ${text}`)
        else if (shown === linesMax) say("  … the log is longer than is shown here")
        shown++
      }
      if (isFinished(row.status)) {
        // What the builder has said is read to its end first.
        if (lines.length > 0) continue
        return { ...row, status: row.status } as FollowedDeployment
      }
      if (row.status !== status) say(`${words[row.status as StepName]} …`)
      status = row.status
    }
  })
