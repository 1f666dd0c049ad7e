import type { BuildAssignment } from "@skypanel/contract/BuildAssignment"
import { folderLimits } from "@skypanel/contract/folder/FolderEntry"
import type { BuildId, ServiceId, WorkerId } from "@skypanel/contract/Id"
import { formatImageReference, parseImageReference } from "@skypanel/contract/image/ImageReference"
import type { LearnedHash } from "@skypanel/contract/LearnedHash"
import type { Source } from "@skypanel/contract/Source"
import type { TemplateDefinition } from "@skypanel/contract/Template"
import { expressionOptions, trialValue } from "@skypanel/contract/TemplateOptions"
import { Effect, Redacted, Result } from "effect"
import { SqlClient } from "effect/sql"
import { PlatformConfig } from "../config.ts"
import { uploadToken } from "../domain/uploadToken.ts"
import { learnedColumn } from "../store/LearnedHashes.ts"
import type { AccessRow } from "../store/Repositories.ts"
import { byWorker } from "./byWorker.ts"
import { accessOf, baseImageAccess } from "./sourceAccess.ts"

const MiB = 1024 * 1024

/** What one build may use. Its memory bounds evaluation and build each. */
const buildLimits = {
  evaluationSeconds: 60,
  buildSeconds: 1800,
  memoryBytes: 4096 * MiB,
  logBytes: 32 * MiB,
  sourceBytes: folderLimits.bytes,
}

/** Of a check: somebody types and waits. */
const checkLimits = { ...buildLimits, evaluationSeconds: 20, memoryBytes: 2048 * MiB }

interface BuildRow extends AccessRow {
  /** Null: it is of no service yet. */
  readonly service_id: ServiceId | null
  readonly worker_id: WorkerId
  readonly id: BuildId
  readonly service_name: string
  /** Of a template's version that it builds, for a service or for trial. */
  readonly definition: TemplateDefinition | null
  readonly trial: boolean
  readonly pinned_revision: string | null
  readonly canceled: boolean
  readonly learned: ReadonlyArray<LearnedHash> | null
  readonly poll: boolean
  readonly check: boolean
}

/** A template is its expression to a builder, and the options that were chosen. A trial chooses what nobody did. */
const templateOf = ({ definition, source, trial }: BuildRow) => {
  if (definition === null) return null
  const { options, expression } = definition
  const needed = options.filter((option) => trial && option.required && option.default === null)
  const values = {
    ...Object.fromEntries(needed.map((option) => [option.name, trialValue(option)])),
    ...(source._tag === "template" ? source.options : {}),
  }
  return {
    source: { _tag: "expression", expression } as const,
    options: expressionOptions(options, values),
  }
}

/** What a push named, or a check of an image found, wherever branch or tag lead now. */
const pinned = (source: Source, revision: string): Source => {
  if (source._tag === "git") return { ...source, ref: revision }
  if (source._tag !== "image") return source
  const reference = parseImageReference(source.reference, { allowPrivate: true })
  return Result.isFailure(reference)
    ? source
    : { ...source, reference: formatImageReference({ ...reference.success, digest: revision }) }
}

const assignmentOf = (row: BuildRow, secret: string): BuildAssignment => ({
  id: row.id,
  organizationId: row.organization_id,
  ...(row.service_id !== null && { serviceId: row.service_id }),
  serviceName: row.service_name,
  source: row.pinned_revision === null ? row.source : pinned(row.source, row.pinned_revision),
  ...(row.source._tag === "folder" && { folderPath: `/folders/${uploadToken(secret, row.id)}` }),
  // The fastest level: what is uploaded is read again at once, and the wire is short.
  uploadPath: `/cache/push/${uploadToken(secret, row.id)}?compression=zstd&compression-level=1`,
  limits: row.check ? checkLimits : buildLimits,
  canceled: row.canceled,
  ...(row.learned !== null && { learned: row.learned }),
  ...(row.poll && { poll: true }),
  ...(row.check && { check: true }),
  ...templateOf(row),
})

/** Of `credential c` and `service s`: what a builder gets at the source with. */
const accessColumns = (sql: SqlClient.SqlClient) => sql`
  s.id as sealed_for, c.kind as credential_kind, c.origin as credential_origin, c.username, c.sealed, c.sealing_key,
  (select jsonb_agg(h.line order by h.line) from host_key h
    where h.service_id = s.id and h.origin = c.origin) as known_hosts`

/** As `sv`, the version that a source is made from, by the rule of `templateOfSource`. */
const templateVersion = (sql: SqlClient.SqlClient, sourced: string, owned: string) => sql`
  left join lateral (
    select v.definition from template t left join template_version v
      on v.template_id = t.id and v.number = (${sql(sourced)}.source ->> 'version')::int
    where ${sql(sourced)}.source ->> '_tag' = 'template' and t.kind = 'service' and t.name = ${sql(sourced)}.source ->> 'template'
      and (t.organization_id = ${sql(owned)}.organization_id or t.organization_id is null)
      and coalesce(${sql(sourced)}.source ->> 'owner' = case when t.organization_id is null then 'everyone' else 'organization' end, true)
    order by t.organization_id nulls last limit 1) sv on true`

/** The builds of these workers that have not ended, and the repositories and sources that they are asked of. */
export const assignmentsOn = (workers: ReadonlyArray<WorkerId>) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const { secret } = yield* PlatformConfig
    const builds = yield* sql<BuildRow>`
      select b.worker_id, b.id, b.organization_id, s.id as service_id,
        coalesce(s.name, concat_ws('-', tt.name, b.part)) as service_name, made.source,
        d.pinned_revision, b.canceled or d.cancel_reason is not null as canceled,
        ${accessColumns(sql)}, ${learnedColumn(sql)}, false as poll, false as "check",
        case when b.part is null then coalesce(tv.definition, sv.definition) else sv.definition end as definition,
        tv.id is not null as trial
      from build b left join deployment d on d.id = b.deployment_id left join service s on s.id = d.service_id
      left join credential c on c.service_id = s.id
      left join template_version tv on tv.id = b.template_version_id left join template tt on tt.id = tv.template_id
      cross join lateral (select coalesce(d.source, b.part_source,
        jsonb_build_object('_tag', 'template', 'template', tt.name)) as source) made
      ${templateVersion(sql, "made", "b")}
      where ${sql.in("b.worker_id", workers)} and b.finished_at is null order by b.created_at`
    const polls = yield* sql<BuildRow>`
      select p.worker_id, p.asked_id as id, p.organization_id, s.id as service_id, s.name as service_name, s.source,
        null as pinned_revision, false as canceled, ${accessColumns(sql)}, null as learned, true as poll, false as "check",
        null as definition, false as trial
      from poll p join service s on s.id = p.service_id
      left join credential c on c.service_id = s.id
      where ${sql.in("p.worker_id", workers)} and p.asked_id is not null and s.source ->> '_tag' = p.kind
      order by p.asked_at`
    const checks = yield* sql<BuildRow>`
      select k.worker_id, k.asked_id as id, k.organization_id, s.id as service_id,
        coalesce(s.name, 'check') as service_name, k.source, null as pinned_revision, false as canceled,
        ${accessColumns(sql)}, ${learnedColumn(sql)}, false as poll, true as "check", sv.definition, false as trial
      from source_check k left join service s on s.id = k.service_id
      left join credential c on c.service_id = s.id
      ${templateVersion(sql, "k", "k")}
      where ${sql.in("k.worker_id", workers)} and k.finished_at is null order by k.asked_at`
    const tried = yield* sql<BuildRow>`
      select p.worker_id, p.asked_id as id, p.organization_id, null as service_id, 'credential' as service_name,
        jsonb_build_object('_tag', 'git', 'url', p.url, 'ref', null) as source, null as pinned_revision,
        false as canceled, p.id as sealed_for, p.kind as credential_kind, p.origin as credential_origin, p.username,
        p.sealed, p.sealing_key, p.host_keys as known_hosts, null as learned, true as poll, false as "check",
        null as definition, false as trial
      from prepared_credential p
      where ${sql.in("p.worker_id", workers)} and p.asked_id is not null order by p.asked_at`
    const keys = yield* sql<{ public_key: string }>`
      select public_key from signing_key where retired_at is null order by created_at desc`
    const cachePublicKeys = keys.map((key) => key.public_key)
    const assigned = yield* Effect.forEach([...builds, ...polls, ...checks, ...tried], (row) =>
      Effect.gen(function* () {
        const access = yield* accessOf(row)
        const registries = row.poll || row.check ? [] : yield* baseImageAccess(row)
        const assignment = {
          ...assignmentOf(row, Redacted.value(secret)),
          access,
          registries,
          cachePublicKeys,
        }
        return { worker_id: row.worker_id, assignment }
      }),
    )
    return byWorker(assigned, ({ assignment }) => assignment)
  })
