import { NotPossibleNow } from "@skypanel/contract/Errors"
import type { UpdateStack, VolumesOfDeleted } from "@skypanel/contract/Stack"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import type { Member } from "../../auth/Auth.ts"
import { moveSettings } from "../../domain/stacks/moveSettings.ts"
import { type Planned, planRollback, planUpdate, type Target } from "../../domain/stacks/plan.ts"
import type { ReleaseRow, ServiceRow } from "../../store/rows.ts"
import { knownParts } from "../../store/StackParts.ts"
import { secretVersions } from "../../store/StackSecrets.ts"
import { dropGivenSecrets, secretVariableNames } from "../../store/StackSecretVariables.ts"
import {
  appliedParts,
  insertRevision,
  lockStack,
  newestRevision,
  type StackRevisionRow,
  type StackRow,
  stackServices,
  stepsOf,
} from "../../store/Stacks.ts"
import { asTenant } from "../../store/Tenant.ts"
import { holdImage } from "../requests/existingRelease.ts"
import { admitParts, admitSettings } from "./admit.ts"
import { makeSecrets } from "./create.ts"
import { keepSecrets } from "./givenSecrets.ts"
import { droppedFrom } from "./remove.ts"
import { noStack, templatesOfChange } from "./template.ts"

const lockOrFail = (organization: Member, name: string) =>
  Effect.flatMap(lockStack(organization.id, name), (stack) =>
    stack === null ? Effect.fail(noStack(name)) : Effect.succeed(stack),
  )

/** The stack and its newest revision, unless it takes no orders now. */
export const lockUsable = (organization: Member, name: string) =>
  Effect.gen(function* () {
    const stack = yield* lockOrFail(organization, name)
    if (stack.wish === "deleted")
      return yield* new NotPossibleNow({
        message: `The stack "${name}" is being deleted.`,
        next: "Create it again when it is gone.",
      })
    const newest = yield* newestRevision(organization.id, stack.id)
    if (newest.status === "deploying")
      return yield* new NotPossibleNow({
        message: `Revision ${newest.number} of "${name}" is being deployed.`,
        next: "Wait for its end, or cancel the deployment that it is at.",
      })
    return { stack, newest }
  })

const insertPlanned = (
  stack: StackRow,
  revision: Parameters<typeof insertRevision>[1],
  planned: ReadonlyArray<Planned>,
  services: ReadonlyArray<ServiceRow>,
) =>
  planned.every(({ state }) => state === "unchanged") && droppedFrom(services, revision.parts).length === 0
    ? Effect.fail(
        new NotPossibleNow({
          message: `Everything of "${stack.name}" is so already.`,
          next: "Give what shall change; a service by itself is deployed again by its own name.",
        }),
      )
    : insertRevision(stack, revision, planned)

export const updateStack = (organization: Member, user: string, name: string, request: UpdateStack) =>
  Effect.gen(function* () {
    const { before, templates, variables } = yield* asTenant(
      organization.id,
      Effect.gen(function* () {
        const before = yield* lockUsable(organization, name)
        const variables = yield* secretVariableNames(organization.id, before.stack.id)
        const templates = yield* templatesOfChange(before.stack, before.newest, request.version)
        return { before, templates, variables }
      }),
    )
    const template = templates.after
    const kept =
      templates.before === template
        ? before.newest.settings
        : moveSettings(before.newest.settings, templates.before?.services ?? [], template.services)
    const given = request.services ?? {}
    const { settings, secrets } = yield* admitSettings(organization.id, template, kept, given, variables.of)
    const change = Effect.gen(function* () {
      const { stack, newest } = yield* lockUsable(organization, name)
      if (stack.id !== before.stack.id || newest.number !== before.newest.number)
        return yield* new NotPossibleNow({
          message: `"${name}" was changed by somebody else at this moment.`,
          next: "Look at what it is now, and try again.",
        })
      const parts = yield* admitParts(template, settings, secrets)
      yield* dropGivenSecrets(
        organization.id,
        stack.id,
        parts.map(({ key }) => key),
      )
      yield* keepSecrets(organization.id, stack.id, secrets)
      const { waiting } = yield* secretVariableNames(organization.id, stack.id)
      const applied = yield* appliedParts(organization.id, stack.id)
      const steps = yield* stepsOf(organization.id, stack.id, newest.number)
      const services = yield* stackServices(organization.id, stack.id)
      const planned = planUpdate(
        parts,
        // What is to be given a secret is deployed.
        new Map(Array.from(applied).filter(([key]) => !waiting.has(key))),
        new Map(steps.map(({ key, state }) => [key, state])),
        yield* knownParts(organization.id, stack.id),
        yield* secretVersions(organization.id, stack.id),
      )
      yield* makeSecrets(organization.id, stack.id, parts)
      yield* insertPlanned(
        stack,
        {
          kind: "update",
          target: null,
          template_version: template.version,
          settings,
          parts,
          created_by: user,
        },
        planned,
        services,
      )
    })
    yield* asTenant(organization.id, change)
  })

/** What the revision's services had when it got live; their images are held from now on. */
const releasesOf = (stack: StackRow, revision: StackRevisionRow) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const releases = new Map<string, Target>()
    for (const { key, release_id } of yield* stepsOf(stack.organization_id, stack.id, revision.number)) {
      const [release] = yield* sql<ReleaseRow>`select * from release
        where organization_id = ${stack.organization_id} and id = ${release_id}`
      if (release === undefined)
        return yield* new NotPossibleNow({
          message: `The release of ${key} in revision ${revision.number} is gone.`,
          next: "Choose a newer revision.",
        })
      yield* holdImage(release)
      releases.set(key, release)
    }
    return releases
  })

/** Without its service a release leads nowhere: the step would fail, and keep the revision from getting live. */
const refuseGone = (
  name: string,
  { number, parts }: StackRevisionRow,
  services: ReadonlyArray<ServiceRow>,
) => {
  const gone = parts.find(
    ({ key }) => !services.some(({ stack_key, wish }) => stack_key === key && wish !== "deleted"),
  )
  return gone === undefined
    ? Effect.void
    : Effect.fail(
        new NotPossibleNow({
          message: `"${name}" cannot go back to revision ${number}: the service of ${gone.key} is not part of it any more.`,
          next: "Update the stack, or choose a newer revision.",
        }),
      )
}

export const rollBackStack = (organization: Member, user: string, name: string, number: number) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const change = Effect.gen(function* () {
      const { stack } = yield* lockUsable(organization, name)
      const [target] = yield* sql<StackRevisionRow>`select * from stack_revision
        where organization_id = ${organization.id} and stack_id = ${stack.id} and number = ${number}`
      if (target === undefined || target.status !== "live")
        return yield* new NotPossibleNow({
          message: `"${name}" has no revision ${number} that got live.`,
          next: "`skypanel stacks show` has its revisions.",
        })
      const services = yield* stackServices(organization.id, stack.id)
      yield* refuseGone(name, target, services)
      const planned = planRollback(
        yield* releasesOf(stack, target),
        yield* knownParts(organization.id, stack.id),
        yield* secretVersions(organization.id, stack.id),
      )
      const { template_version, settings, parts } = target
      // Releases have their own secrets: what was given since, and never set, is no part of them.
      yield* dropGivenSecrets(organization.id, stack.id)
      yield* insertPlanned(
        stack,
        { kind: "rollback", target: number, template_version, settings, parts, created_by: user },
        planned,
        services,
      )
    })
    yield* asTenant(organization.id, change)
  })

/** It goes away by itself from then on. */
export const deleteStack = (organization: Member, name: string, volumes: VolumesOfDeleted) =>
  asTenant(
    organization.id,
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const stack = yield* lockOrFail(organization, name)
      if (stack.wish === "deleted") return
      yield* sql`update stack set wish = 'deleted', keeps_volumes = ${volumes === "keep"} where id = ${stack.id}`
    }),
  )
