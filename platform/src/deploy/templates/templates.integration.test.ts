import { isDeepStrictEqual } from "node:util"
import type { BuildAssignment, BuildObserved } from "@skypanel/contract/BuildAssignment"
import type { TemplateDefinition, TemplateState } from "@skypanel/contract/Template"
import type { TemplateOption } from "@skypanel/contract/TemplateOptions"
import { Effect, Stream } from "effect"
import { SqlClient } from "effect/sql"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { usePostgres } from "../../../../test/lab/fixtures.ts"
import { until } from "../../../../test/lab/until.ts"
import { acme, administrator, globex, member } from "../../../test/askers.ts"
import type { ScriptedWorker } from "../../../test/ScriptedWorker.ts"
import { startScriptedFleet, succeeded } from "../../../test/scriptedFleet.ts"
import { trialLog } from "../../http/trialLog.ts"
import { listAllBuilds } from "../../store/BuildViews.ts"
import { findDeployment } from "../../store/DeploymentViews.ts"
import { findService } from "../../store/ServiceViews.ts"
import { asTenant } from "../../store/Tenant.ts"
import { createService } from "../requests/create.ts"
import { deleteService } from "../requests/end.ts"
import { rollBack } from "../requests/existingRelease.ts"
import { updateService } from "../requests/update.ts"
import { addTemplate } from "./add.ts"
import type { Asker } from "./asker.ts"
import { publishVersion, removeTemplate, validateVersion, withdrawVersion } from "./change.ts"
import { templateOfService, updateToVersion } from "./updateToVersion.ts"
import { listTemplates, manageableTemplates, templateHistory } from "./views.ts"

/** Templates over a real database and workflow engine; the worker that builds them is scripted. */

const option = (part: Partial<TemplateOption>): TemplateOption => ({
  name: "greeting",
  label: "Greeting",
  description: "",
  type: "text",
  required: true,
  default: null,
  choices: [],
  min: null,
  max: null,
  variable: null,
  ...part,
})

const definition = (part: Partial<TemplateDefinition> = {}): TemplateDefinition => ({
  title: "Wiki",
  description: "A wiki.",
  category: "web",
  icon: "",
  expression: "{ pkgs, options, ... }: pkgs.hello",
  port: 8080,
  healthPath: "/health",
  resources: { cpu: 0.25, memoryBytes: 2 ** 28, storageBytes: 2 ** 26 },
  environment: [{ name: "LOG", value: "info", description: "" }],
  options: [option({}), option({ name: "key", type: "secret", variable: "KEY" })],
  ...part,
})

const postgres = usePostgres()
let fleet: Awaited<ReturnType<typeof startScriptedFleet>>
let worker: ScriptedWorker
const asked: Array<BuildAssignment> = []
const run = <A, E, R>(effect: Effect.Effect<A, E, R>): Promise<A> => fleet.run(effect)
/** What it fails with, as a client would be told. */
const refusal = (effect: Effect.Effect<unknown, unknown, never>) =>
  run(Effect.flip(effect)) as Promise<object>
const refused = (effect: Effect.Effect<unknown, unknown, unknown>) => refusal(effect as never)

const failed = (id: BuildObserved["id"]): BuildObserved => ({
  ...succeeded(id),
  phase: "failed",
  result: null,
  failure: {
    step: "building",
    code: "evaluation-syntax",
    title: "A brace is missing.",
    detail: "",
    next: "",
    lines: [],
    location: { file: "expression.nix", line: 3, column: 1 },
  },
})

beforeAll(async () => {
  fleet = await startScriptedFleet(await postgres().database())
  worker = await fleet.addWorker()
  worker.script = {
    ...worker.script,
    builds: ({ builds }) =>
      builds.map((build) => {
        asked.push(build)
        const broken = build.source._tag === "expression" && build.source.expression.includes("broken")
        return (broken ? failed : succeeded)(build.id)
      }),
  }
}, 60_000)
afterAll(() => fleet?.stop())

const add = (who: Asker, name: string, part: Partial<TemplateDefinition> = {}, everyone = false) =>
  run(addTemplate(who, { name, everyone, definition: definition(part) }))

const reaches = (who: Asker, name: string, number: number, state: TemplateState) =>
  until(
    `version ${number} of ${name} to be ${state}`,
    async () => {
      await worker.observe()
      const { versions } = await run(templateHistory(who, name))
      const version = versions.find((version) => version.number === number)
      return version?.state === state ? version : null
    },
    20,
  )

const offer = async (who: Asker, name: string, number: number) => {
  await run(validateVersion(who, name, number))
  await reaches(who, name, number, "valid")
  await run(publishVersion(who, name, number))
}

const names = async (who: Asker) =>
  (await run(listTemplates(who))).filter(({ owner }) => owner !== "skypanel").map(({ name }) => name)

const live = (who: Asker, name: string, number: number) =>
  until(
    `deployment ${number} of ${name} to be live`,
    async () => {
      await worker.observe()
      const service = await run(findService(who.organization.id, name))
      const found = service && (await run(findDeployment(who.organization.id, service.id, number)))
      return found?.status === "live" ? service : null
    },
    20,
  )

const deploy = (who: Asker, name: string, template: string, options = {}) =>
  createService(who.organization, who.email, { name, source: { _tag: "template", template, options } })

describe("a template", () => {
  it("appears when its trial was built, in turn with builds and with values of its own", async () => {
    await add(acme, "wiki")
    expect(await names(acme)).toEqual([])
    expect(await refused(publishVersion(acme, "wiki", 1))).toMatchObject({
      _tag: "NotPossibleNow",
      message: expect.stringContaining("nobody has validated it"),
    })
    await run(validateVersion(acme, "wiki", 1))
    expect(await run(listAllBuilds)).toMatchObject([
      { organization: "acme", service: null, deployment: null, template: { name: "wiki", version: 1 } },
    ])
    await reaches(acme, "wiki", 1, "valid")
    const trial = asked.at(-1)!
    expect(trial).toMatchObject({ organizationId: acme.organization.id, options: { greeting: "example" } })
    expect(trial.options).not.toHaveProperty("key")
    expect(await names(acme)).toEqual([])
    const both = await Promise.allSettled([1, 2].map(() => run(publishVersion(acme, "wiki", 1))))
    expect(both.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"])
    expect(await names(acme)).toEqual(["wiki"])
  })

  it("whose trial fails is explained as a failed build is, and does not appear", async () => {
    await add(acme, "wreck", { expression: "broken" })
    await run(validateVersion(acme, "wreck", 1))
    const { failure } = await reaches(acme, "wreck", 1, "failed")
    expect(failure).toMatchObject({ title: "A brace is missing.", location: { line: 3 } })
    expect(await refused(publishVersion(acme, "wreck", 1))).toMatchObject({ _tag: "NotPossibleNow" })
    await run(validateVersion(acme, "wreck", 1))
    await reaches(acme, "wreck", 1, "failed")
    const sql = await run(SqlClient.SqlClient)
    await run(
      sql`insert into stack (id, organization_id, organization_slug, name, template, created_by)
      values ('s', ${acme.organization.id}, 'acme', 's', 's', '')` as never,
    )
    await run(
      sql`insert into stack_revision
        (stack_id, organization_id, number, kind, template_version, settings, parts, created_by)
      values ('s', ${acme.organization.id}, 1, 'create', '1', '{}',
        '[{"source":{"_tag":"template","template":"wreck","version":1}}]', '')` as never,
    )
    await run(removeTemplate(acme, "wreck"))
    expect(await run(templateHistory(acme, "wreck"))).toMatchObject({ removed: true })
    await run(sql`delete from stack` as never)
    await run(removeTemplate(acme, "wreck"))
    expect(await refused(templateHistory(acme, "wreck"))).toMatchObject({ _tag: "NotFound" })
  })

  it("has the log of its trial, for whoever may change it", async () => {
    const log = (who: Asker, number = 1) =>
      Effect.flatMap(trialLog(who, { kind: "service", name: "wiki", number, part: null }), (bytes) =>
        Stream.mkString(Stream.decodeText(bytes)),
      )
    const sql = await run(SqlClient.SqlClient)
    await run(
      sql`insert into build_log (build_id, organization_id, seq, at, stream, origin, text)
      select id, organization_id, 1, '2026-01-02T03:04:05Z', 'stdout', 'building', 'hello' from build
      where organization_id = ${acme.organization.id} and phase = 'succeeded'` as never,
    )
    expect(await run(log(acme))).toBe("2026-01-02T03:04:05.000Z stdout hello\n")
    expect(await refused(log(member))).toMatchObject({ _tag: "Forbidden" })
    expect(await refused(log(globex))).toMatchObject({ _tag: "NotFound" })
    expect(await refused(log(acme, 9))).toMatchObject({ _tag: "NotFound" })
  })

  it("is refused where it contradicts itself, with the place", async () => {
    const wrong = definition({ options: [option({ type: "secret" })] })
    expect(
      await refused(addTemplate(acme, { name: "odd", everyone: false, definition: wrong })),
    ).toMatchObject({
      _tag: "InvalidInput",
      issues: [{ path: "definition.options.0.variable" }],
    })
  })

  it("that is too large, or one too many, is refused", async () => {
    const large = definition({
      environment: Array.from({ length: 20 }, (_, n) => ({
        name: `V${n}`,
        value: "x".repeat(32_000),
        description: "",
      })),
    })
    expect(
      await refused(addTemplate(acme, { name: "large", everyone: false, definition: large })),
    ).toMatchObject({
      _tag: "InvalidInput",
    })
    const sql = await run(SqlClient.SqlClient)
    await run(
      sql`insert into template (id, organization_id, name)
      select 'tpl_' || n, ${globex.organization.id}, 't' || n from generate_series(1, 100) n` as never,
    )
    expect(
      await refused(addTemplate(globex, { name: "more", everyone: false, definition: definition() })),
    ).toMatchObject({
      _tag: "NotPossibleNow",
    })
    await run(sql`delete from template where id = 'tpl_1'` as never)
    const both = await Promise.allSettled(["more", "most"].map((name) => add(globex, name)))
    expect(both.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"])
    await run(sql`delete from template where organization_id = ${globex.organization.id}` as never)
  })

  it("is not tried while five of the organization's are", async () => {
    const { script } = worker
    worker.script = { ...script, builds: () => [] }
    const trials = ["one", "two", "three", "four", "five", "six"]
    for (const name of trials) await add(globex, name)
    const asked = await Promise.allSettled(trials.map((name) => run(validateVersion(globex, name, 1))))
    expect(asked.filter(({ status }) => status === "rejected")).toMatchObject([
      { reason: { _tag: "NotPossibleNow", message: expect.stringContaining("5 trials") } },
    ])
    worker.script = script
    await until("the trials to end", async () => {
      await worker.observe()
      return (await run(listAllBuilds)).length === 0 ? true : null
    })
    for (const name of trials) await run(removeTemplate(globex, name))
  })

  it("whose trial still runs goes with it when it is withdrawn", async () => {
    const { script } = worker
    worker.script = { ...script, builds: () => [] }
    await add(acme, "wiki")
    await add(acme, "gone")
    await run(validateVersion(acme, "wiki", 2))
    await run(validateVersion(acme, "gone", 1))
    const states = async () =>
      (await run(listAllBuilds)).map(({ builder, canceled }) => ({ builder, canceled }))
    const taken = { builder: "scripted-1", canceled: false }
    await until("both to run", async () => (isDeepStrictEqual(await states(), [taken, taken]) ? true : null))
    await run(withdrawVersion(acme, "wiki", 2))
    await run(removeTemplate(acme, "gone"))
    // A builder has it: it keeps its place until that has ended it.
    expect(await states()).toEqual([taken, taken].map((one) => ({ ...one, canceled: true })))
    expect((await run(templateHistory(acme, "wiki"))).versions.map(({ number }) => number)).toEqual([1])
    expect(await refused(validateVersion(acme, "wiki", 2))).toMatchObject({ _tag: "NotFound" })
    worker.script = script
    const sql = await run(SqlClient.SqlClient)
    await until("both to be deleted", async () => {
      await worker.observe()
      const rows = await run(
        sql`select 1 from template_version where withdrawn_at is not null
        union all select 1 from template where name = 'gone'` as never,
      )
      return (rows as unknown as ReadonlyArray<object>).length === 0 ? true : null
    })
    expect(await run(listAllBuilds)).toEqual([])
  })
})

describe("between organizations", () => {
  it("one's own is nobody else's, and not a mere member's to change", async () => {
    expect(await names(globex)).toEqual([])
    expect(await refused(templateHistory(globex, "wiki"))).toMatchObject({ _tag: "NotFound" })
    expect(await refused(deploy(globex, "stolen", "wiki", { greeting: "x" }))).toMatchObject({
      _tag: "NotFound",
    })
    expect(await refused(validateVersion(globex, "wiki", 1))).toMatchObject({ _tag: "NotFound" })
    expect(await refused(withdrawVersion(member, "wiki", 1))).toMatchObject({ _tag: "Forbidden" })
    expect(await names(member)).toEqual(["wiki"])
    expect(await run(manageableTemplates(member))).toEqual([])
  })

  it("rows stay apart even where a query forgets to ask, and a version never changes", async () => {
    const sql = await run(SqlClient.SqlClient)
    const rows = sql`select number from template_version` as never
    expect(await run(asTenant(globex.organization.id, rows))).toEqual([])
    const attack = (statement: string) => run(asTenant(acme.organization.id, sql.unsafe(statement) as never))
    await expect(attack("update template_version set definition = '{}'")).rejects.toThrow()
    await expect(
      attack("insert into template (id, organization_id, name) values ('tpl', null, 'planted')"),
    ).rejects.toThrow()
  })

  it("everyone's is an administrator's, and its name is taken for the others", async () => {
    const everyone = { name: "blog", everyone: true, definition: definition() }
    expect(await refused(addTemplate(acme, everyone))).toMatchObject({ _tag: "Forbidden" })
    await run(addTemplate(administrator, everyone))
    expect(await refused(addTemplate(acme, { ...everyone, everyone: false }))).toMatchObject({
      _tag: "NameTaken",
    })
    expect(await refused(addTemplate(acme, { ...everyone, name: "nodejs", everyone: false }))).toMatchObject({
      _tag: "NameTaken",
    })
    expect(await refused(templateHistory(globex, "blog"))).toMatchObject({ _tag: "NotFound" })
    await offer(administrator, "blog", 1)
    expect(await names(globex)).toEqual(["blog"])
    expect(await refused(withdrawVersion(globex, "blog", 1))).toMatchObject({ _tag: "Forbidden" })
    await add(administrator, "blog", {}, true)
    await run(withdrawVersion(administrator, "blog", 2))
    const sql = await run(SqlClient.SqlClient)
    const events = sql`select action from audit_event where action like 'template.%' order by at, id` as never
    expect(((await run(events)) as ReadonlyArray<{ action: string }>).map(({ action }) => action)).toEqual(
      ["added", "validated", "published", "added", "deleted"].map((action) => `template.${action}`),
    )
    await run(deploy(globex, "blog", "blog", { greeting: "theirs", key: "k" }))
    expect(await live(globex, "blog", 1)).toMatchObject({ source: { template: "blog", version: 1 } })
  })
})

describe("a service that is made from a template", () => {
  it("is made from none that there is not, however its number is written", async () => {
    const far = 2 ** 40
    const source = { _tag: "template", template: "wiki", version: far } as const
    const { organization, email } = acme
    for (const request of [
      createService(organization, email, { name: "far", source }),
      withdrawVersion(acme, "wiki", far),
      trialLog(acme, { kind: "service", name: "wiki", number: far, part: null }),
    ])
      expect(await refused(request)).toMatchObject({ _tag: "NotFound" })
  })

  it("is asked for what is needed, and its build never sees a secret", async () => {
    expect(await refused(deploy(acme, "site", "wiki", { key: "s3cret", gone: 1 }))).toMatchObject({
      issues: [{ path: "source.options.gone" }, { path: "source.options.greeting" }],
    })
    await run(deploy(acme, "site", "wiki", { greeting: "hi", key: "s3cret" }))
    const service = await live(acme, "site", 1)
    expect(service.source).toEqual({
      _tag: "template",
      template: "wiki",
      version: 1,
      owner: "organization",
      options: { greeting: "hi" },
    })
    // Nobody is shown it either.
    expect(service).toMatchObject({ environment: { LOG: "info" }, secrets: [{ name: "KEY", version: 1 }] })
    expect(JSON.stringify(service)).not.toContain("s3cret")
    expect(asked.at(-1)).toMatchObject({ source: { _tag: "expression" }, options: { greeting: "hi" } })
    expect(JSON.stringify(asked)).not.toContain("s3cret")
  })

  it("is refused with more variables than a service may have, those of its options counted", async () => {
    const environment = Object.fromEntries(Array.from({ length: 100 }, (_, at) => [`V${at}`, ""]))
    const source = {
      _tag: "template",
      template: "wiki",
      options: { greeting: "Hoi", key: "s3cret" },
    } as const
    const { organization, email } = acme
    const refusal = { _tag: "InvalidInput", message: expect.stringContaining("101 variables") }
    expect(
      await refused(createService(organization, email, { name: "many", source, environment })),
    ).toMatchObject(refusal)
    const change = { source, environment }
    expect(await refused(updateService(organization, email, "site", change))).toMatchObject(refusal)
  })

  it("is told of a newer version, keeps its values in it, and goes back as it was", async () => {
    expect(await run(templateOfService(acme.organization, "site"))).toMatchObject({
      version: 1,
      available: null,
    })
    await run(updateService(acme.organization, acme.email, "site", { secrets: { MODE: "s3cret" } }))
    await live(acme, "site", 2)
    await add(acme, "wiki", {
      expression: "{ pkgs, options, ... }:\npkgs.hello",
      environment: [
        { name: "LOG", value: "warn", description: "" },
        { name: "MODE", value: "plain", description: "" },
      ],
      options: [...definition().options, option({ name: "level", type: "number" })],
    })
    await offer(acme, "wiki", 3)
    expect(await run(templateOfService(acme.organization, "site"))).toMatchObject({
      version: 1,
      available: 3,
      difference: {
        options: [{ field: "level", before: null }],
        configuration: [
          { field: "variable LOG", before: "info", after: "warn" },
          { field: "variable MODE", before: null, after: "plain" },
        ],
        expression: [{ mark: "-" }, { mark: "+" }, { mark: "+" }],
      },
      missing: [{ name: "level" }],
    })
    const to = (options: object) =>
      updateToVersion(acme.organization, acme.email, "site", { version: 3, options: options as never })
    expect(await refused(to({}))).toMatchObject({ issues: [{ path: "source.options.level" }] })
    await run(to({ level: 4 }))
    const updated = await live(acme, "site", 3)
    expect(updated.source).toMatchObject({ version: 3, options: { greeting: "hi", level: 4 } })
    // What is secret stays so, also where the new version brings a variable of its name.
    expect(updated.environment).toEqual({ LOG: "warn" })
    expect(updated.secrets).toMatchObject([{ name: "KEY", version: 1 }, { name: "MODE" }])
    await run(rollBack(acme.organization, acme.email, "site", 1))
    const back = await live(acme, "site", 4)
    expect(back.source).toMatchObject({ version: 1 })
    expect(back).toMatchObject({ environment: { LOG: "info" }, secrets: [{ name: "KEY", version: 1 }] })
  })

  it("stays as it is when its template goes, which is deleted only when nothing is made from it", async () => {
    await run(removeTemplate(acme, "wiki"))
    expect(await names(acme)).toEqual(["blog"])
    expect(await refused(deploy(acme, "late", "wiki", { greeting: "x" }))).toMatchObject({ _tag: "NotFound" })
    expect(await run(templateOfService(acme.organization, "site"))).toMatchObject({
      version: 1,
      available: null,
    })
    expect(await refused(removeTemplate(acme, "wiki"))).toMatchObject({ _tag: "NotPossibleNow" })
    await run(publishVersion(acme, "wiki", 1))
    expect(await names(acme)).toContain("wiki")
    await run(deleteService(acme.organization, "site"))
    await until("the service to go", async () =>
      (await run(findService(acme.organization.id, "site"))) === null ? true : null,
    )
    await run(removeTemplate(acme, "wiki"))
    expect(await refused(templateHistory(acme, "wiki"))).toMatchObject({ _tag: "NotFound" })
  })

  it("stays with its own template, once that is removed and its name means everyone's", async () => {
    const source = { _tag: "template", template: "journal", options: { greeting: "x", key: "k" } } as const
    const deployed = (name: string) =>
      createService(acme.organization, acme.email, {
        name,
        source,
      })
    const built = async (name: string, number: number) => {
      const service = await live(acme, name, number)
      return {
        owner: (service.source as typeof source & { owner?: string }).owner,
        source: asked.at(-1)!.source,
      }
    }
    await add(acme, "journal", { expression: "own" })
    await offer(acme, "journal", 1)
    await run(deployed("before"))
    expect(await built("before", 1)).toMatchObject({ owner: "organization", source: { expression: "own" } })
    await run(removeTemplate(acme, "journal"))
    await add(administrator, "journal", { expression: "everyone's" }, true)
    await offer(administrator, "journal", 1)

    expect((await run(listTemplates(acme))).filter(({ name }) => name === "journal")).toMatchObject([
      { owner: "everyone" },
    ])
    await run(deployed("after"))
    expect(await built("after", 1)).toMatchObject({ owner: "everyone", source: { expression: "everyone's" } })
    await run(updateService(acme.organization, acme.email, "before", { source: { ...source, version: 1 } }))
    expect(await built("before", 2)).toMatchObject({ owner: "organization", source: { expression: "own" } })
    await add(administrator, "journal", { expression: "newer" }, true)
    await offer(administrator, "journal", 2)
    const available = async (name: string) =>
      (await run(templateOfService(acme.organization, name)))?.available
    expect([await available("before"), await available("after")]).toEqual([null, 2])

    // What its owners take back is theirs, and stands for everyone's again.
    await run(publishVersion(acme, "journal", 1))
    expect(await run(templateHistory(acme, "journal"))).toMatchObject({
      owner: "organization",
      removed: false,
    })
    expect([await available("before"), await available("after")]).toEqual([null, 2])
    await run(deleteService(acme.organization, "before"))
    await until("the service to go", async () =>
      (await run(findService(acme.organization.id, "before"))) === null ? true : null,
    )
    await run(removeTemplate(acme, "journal"))
    expect(await run(templateHistory(acme, "journal"))).toMatchObject({ owner: "everyone" })
  })
})
