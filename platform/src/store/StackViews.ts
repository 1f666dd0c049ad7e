import type { OrganizationId } from "@skypanel/contract/Id"
import { hourlyPrice } from "@skypanel/contract/Price"
import type { Service } from "@skypanel/contract/Service"
import type { Stack, StackPart, StackRevision, StackSecret, StackService } from "@skypanel/contract/Stack"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { defaultPrices } from "../domain/prices.ts"
import { serviceNameOf } from "../domain/stacks/parts.ts"
import { stackState } from "../domain/stacks/state.ts"
import { listServices } from "./ServiceViews.ts"
import type { StackRevisionRow, StackRow, StackStepRow } from "./Stacks.ts"
import { asTenant } from "./Tenant.ts"

interface StepView extends Pick<StackStepRow, "key" | "state" | "detail"> {
  readonly deployment: number | null
  readonly release: number | null
}

interface RevisionView extends Omit<StackRevisionRow, "settings" | "parts"> {
  /** Of the newest one only. */
  readonly parts: ReadonlyArray<StackPart> | null
  readonly secrets_of_now: ReadonlyArray<string>
  readonly steps: ReadonlyArray<StepView>
}

interface SecretRow {
  readonly stack_id: string
  readonly name: string
  readonly version: number
  readonly created_at: Date
  readonly rotated_at: Date | null
  readonly shown_at: Date | null
  readonly shown_to: string | null
}

interface ViewRow extends StackRow {
  readonly ever_live: boolean
}

const toSecret = (row: SecretRow): StackSecret => ({
  name: row.name,
  version: row.version,
  createdAt: row.created_at.toISOString(),
  rotatedAt: row.rotated_at?.toISOString() ?? null,
  shownAt: row.shown_at?.toISOString() ?? null,
  shownTo: row.shown_to,
})

const placeIn = (order: ReadonlyArray<string>, key: string) =>
  order.includes(key) ? order.indexOf(key) : order.length

/** `order`: the services as the newest revision deploys them; those that it does not have any more come last. */
const toRevision = (row: RevisionView, order: ReadonlyArray<string>): StackRevision => ({
  number: row.number,
  kind: row.kind,
  target: row.target,
  secret: row.rotation?.secret ?? null,
  secretsOfNow: row.secrets_of_now,
  templateVersion: row.template_version,
  status: row.status,
  failure: row.failure,
  steps: [...row.steps].sort((one, other) => placeIn(order, one.key) - placeIn(order, other.key)),
  createdBy: row.created_by,
  createdAt: row.created_at.toISOString(),
  finishedAt: row.finished_at?.toISOString() ?? null,
})

const toServices = (
  stack: StackRow,
  parts: ReadonlyArray<StackPart>,
  services: ReadonlyArray<Service>,
): ReadonlyArray<StackService> =>
  parts.map((part) => {
    const name = serviceNameOf(stack.name, part.key)
    const service = services.find((one) => one.stack === stack.name && one.name === name)
    return {
      ...part,
      name,
      state: service?.state ?? null,
      url: service?.url ?? null,
      deployment: service?.deployment
        ? { id: service.deployment.id, number: service.deployment.number }
        : null,
    }
  })

const toStack = (
  row: ViewRow,
  revisions: ReadonlyArray<RevisionView>,
  secrets: ReadonlyArray<SecretRow>,
  all: ReadonlyArray<Service>,
): Stack => {
  const parts = revisions[0]!.parts ?? []
  const order = parts.map(({ key }) => key)
  const services = toServices(row, parts, all)
  return {
    id: row.id,
    organizationId: row.organization_id,
    name: row.name,
    template: row.template,
    state: stackState({
      wish: row.wish,
      newest: revisions[0]!.status,
      everLive: row.ever_live,
      services: services.map(({ state }) => state),
    }),
    services,
    secrets: secrets.map(toSecret),
    revisions: revisions.map((revision) => toRevision(revision, order)),
    hourlyPrice: services.reduce((sum, part) => sum + hourlyPrice(defaultPrices, part), 0),
    createdBy: row.created_by,
    createdAt: row.created_at.toISOString(),
  }
}

const select = (organization: OrganizationId, name: string | null) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const services = yield* listServices(organization)
    const [stacks, revisions, secrets] = yield* asTenant(
      organization,
      Effect.all([
        sql<ViewRow>`select k.*, exists (select from stack_revision r
            where r.stack_id = k.id and r.status = 'live') as ever_live
          from stack k
          where k.organization_id = ${organization} and ${name === null ? sql`true` : sql`k.name = ${name}`}
          order by k.name`,
        sql<RevisionView>`select r.stack_id, r.number, r.kind, r.target, r.template_version, r.status,
            r.failure, r.created_by, r.created_at, r.finished_at, r.rotation, t.steps, s.secrets_of_now,
            case when r.number = k.revision_count then r.parts end as parts
          from stack k
          join lateral (select * from stack_revision where stack_id = k.id order by number desc limit 20) r on true
          left join lateral (
            select jsonb_agg(jsonb_build_object('key', t.key, 'state', t.state, 'detail', t.detail,
                'deployment', d.number, 'release', l.number)) as steps
            from stack_step t left join deployment d on d.id = t.deployment_id left join release l on l.id = t.release_id
            where t.stack_id = r.stack_id and t.revision = r.number
          ) t on true
          left join lateral (
            select coalesce(jsonb_agg(s.name order by s.name), '[]') as secrets_of_now from stack_secret s
            where s.stack_id = k.id and s.rotated_at > r.created_at
              and position('$' || '{' || s.name || '}' in r.parts::text) > 0
              and not (r.rotation ->> 'secret' is not distinct from s.name
                and r.rotation ->> 'to' is not distinct from s.version::text)
          ) s on true
          where k.organization_id = ${organization} and ${name === null ? sql`true` : sql`k.name = ${name}`}
          order by r.number desc`,
        sql<SecretRow>`select stack_id, name, version, created_at, rotated_at, shown_at, shown_to from stack_secret
          where organization_id = ${organization} order by name`,
      ]),
    )
    return stacks.map((row) =>
      toStack(
        row,
        revisions.filter(({ stack_id }) => stack_id === row.id),
        secrets.filter(({ stack_id }) => stack_id === row.id),
        services,
      ),
    )
  })

export const listStacks = (organization: OrganizationId) => select(organization, null)

/** Null when the organization has no stack of that name. */
export const findStack = (organization: OrganizationId, name: string) =>
  Effect.map(select(organization, name), (stacks) => stacks[0] ?? null)
