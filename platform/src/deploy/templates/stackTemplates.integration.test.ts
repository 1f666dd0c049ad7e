import type { BuildAssignment } from "@skypanel/contract/BuildAssignment"
import type { WrittenPart, WrittenStack } from "@skypanel/contract/StackTemplate"
import type { TemplateDefinition, TemplateState } from "@skypanel/contract/Template"
import { Effect, Stream } from "effect"
import { SqlClient } from "effect/sql"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { usePostgres } from "../../../../test/lab/fixtures.ts"
import { until } from "../../../../test/lab/until.ts"
import { acme, administrator, globex, member } from "../../../test/askers.ts"
import type { ScriptedWorker } from "../../../test/ScriptedWorker.ts"
import { startScriptedFleet, succeeded } from "../../../test/scriptedFleet.ts"
import { followTrial } from "../../http/trialLog.ts"
import { listAllBuilds } from "../../store/BuildViews.ts"
import { findStack } from "../../store/StackViews.ts"
import { asTenant } from "../../store/Tenant.ts"
import { deleteStack, rollBackStack, updateStack } from "../stacks/change.ts"
import { createStack } from "../stacks/create.ts"
import { stackStanding } from "../stacks/template.ts"
import { addTemplate } from "./add.ts"
import { addStack, checkStack } from "./addStack.ts"
import type { Asker } from "./asker.ts"
import { publishVersion, removeTemplate, validateVersion, withdrawVersion } from "./change.ts"
import { compareStackVersions, listStackTemplates, manageableStacks, stackHistory } from "./stackViews.ts"
import { templateHistory } from "./views.ts"

/** Stacks that people add, over a real database and workflow engine; the worker that builds them is scripted. */

const wiki: TemplateDefinition = {
  title: "Wiki",
  description: "A wiki.",
  category: "web",
  icon: "",
  expression: "the wiki",
  port: 8090,
  healthPath: "/health",
  resources: { cpu: 0.25, memoryBytes: 2 ** 28, storageBytes: 2 ** 26 },
  environment: [{ name: "LOG", value: "info", description: "" }],
  options: ["heading", "key"].map((name) => ({
    ...{
      name,
      label: name,
      description: "",
      type: name === "key" ? "secret" : "text",
      required: true,
      default: null,
      choices: [],
    },
    ...{ min: null, max: null, variable: name === "key" ? "KEY" : null },
  })) as unknown as TemplateDefinition["options"],
}

const db: WrittenPart = {
  source: { _tag: "template", template: "postgresql" },
  port: 5432,
  volume: { path: "/data", sizeBytes: 2 ** 30, whenWorkerIsLost: "wait" },
  environment: { POSTGRES_PASSWORD: "${db.password}" },
  secrets: ["password"],
}
const web: WrittenPart = {
  source: { _tag: "template", template: "wiki", options: { heading: "Shop" } },
  public: true,
  environment: {
    DATABASE_URL: "postgresql://app:${db.password}@${db.host}:${db.port}/app",
    KEY: "${web.key}",
  },
  secrets: ["key"],
  needs: ["db"],
}
const worker: WrittenPart = {
  source: { _tag: "expression", expression: "the worker" },
  port: 9000,
  needs: ["db"],
}

const git = { _tag: "git", url: "https://git.example.com/shop.git", ref: null } as const

const written = (services: WrittenStack["services"] = { db, web, worker }): WrittenStack => ({
  title: "Shop",
  description: "A shop.",
  icon: "",
  services,
})

const postgres = usePostgres()
let fleet: Awaited<ReturnType<typeof startScriptedFleet>>
let scripted: ScriptedWorker
const asked = new Map<string, BuildAssignment>()
const run = <A, E, R>(effect: Effect.Effect<A, E, R>): Promise<A> => fleet.run(effect)
const refused = (effect: Effect.Effect<unknown, unknown, unknown>) =>
  run(Effect.flip(effect as never)) as Promise<object>

beforeAll(async () => {
  fleet = await startScriptedFleet(await postgres().database())
  scripted = await fleet.addWorker()
  scripted.script = {
    ...scripted.script,
    builds: ({ builds }) =>
      builds.map((build) => {
        asked.set(build.serviceName, build)
        const broken = JSON.stringify(build.source).includes("broken")
        const failure = {
          ...{ step: "building" as const, code: "evaluation-syntax" as const, title: "A brace is missing." },
          ...{ detail: "", next: "", lines: [], location: null },
        }
        return broken
          ? { ...succeeded(build.id), phase: "failed" as const, result: null, failure }
          : succeeded(build.id)
      }),
  }
  await offerTemplate(acme, "wiki", false)
}, 60_000)
afterAll(() => fleet?.stop())

const add = (who: Asker, name: string, services?: WrittenStack["services"], everyone = false) =>
  run(addStack(who, { name, everyone, definition: written(services) }))

const reaches = (
  look: () => Promise<{ readonly versions: ReadonlyArray<{ number: number; state: TemplateState }> }>,
  number: number,
  state: TemplateState,
) =>
  until(
    `version ${number} to be ${state}`,
    async () => {
      await scripted.observe()
      return (await look()).versions.some((one) => one.number === number && one.state === state) || null
    },
    20,
  )

const offerTemplate = async (who: Asker, name: string, everyone: boolean, part = {}) => {
  await run(addTemplate(who, { name, everyone, definition: { ...wiki, ...part } }))
  const { number } = (await run(templateHistory(who, name))).versions[0]!
  await run(validateVersion(who, name, number))
  await reaches(() => run(templateHistory(who, name)), number, "valid")
  await run(publishVersion(who, name, number))
}

const offer = async (who: Asker, name: string, number: number) => {
  await run(validateVersion(who, name, number, "stack"))
  await reaches(() => run(stackHistory(who, name)), number, "valid")
  await run(publishVersion(who, name, number, "stack"))
}

const names = async (who: Asker) =>
  (await run(listStackTemplates(who))).filter(({ owner }) => owner !== "skypanel").map(({ name }) => name)

const live = (who: Asker, name: string, number: number) =>
  until(
    `revision ${number} of ${name} to be live`,
    async () => {
      await scripted.observe()
      const stack = await run(findStack(who.organization.id, name))
      const revision = stack?.revisions.find((one) => one.number === number)
      return revision?.status === "live" ? { stack: stack!, revision } : null
    },
    20,
  )

describe("a stack that somebody writes", () => {
  const check = (services: Record<string, WrittenPart>, who = acme, everyone = false) =>
    run(checkStack(who, { name: "shop", everyone, definition: written(services) }))

  it("is told everything that is wrong with it, each at its place", async () => {
    const { issues } = await check({
      db: { ...db, secrets: ["password", "host"], needs: ["web"] },
      web: {
        ...web,
        source: { _tag: "template", template: "wiki", options: { color: 1 } },
        needs: ["db", "gone"],
      },
      b: { ...worker, environment: { URL: "${db.nothing}" } },
      c: { source: { _tag: "template", template: "nowhere" } },
      d: { source: { _tag: "template", template: "wiki", version: 9 } },
      e: { source: { _tag: "template", template: "postgresql" } },
      f: { source: { _tag: "git", url: "file:///etc", ref: null }, port: 1 },
      g: { source: { _tag: "image", reference: "localhost/x" }, port: 1, volume: db.volume!, replicas: 2 },
      h: {
        source: { ...git, overrides: { build: { kind: "cobol" } } },
        port: 1,
      },
    })
    expect(issues.map(({ path }) => path.replace("definition.services", ""))).toEqual([
      ".web.source.options.color",
      ".web.source.options.heading",
      ".c.source.template",
      ".d.source.version",
      ".e.port",
      ".f.source.url",
      ".g.source.reference",
      ".h.source.overrides.build.kind",
      ".web.needs",
      "",
      ".db.secrets",
      ".b.environment.URL",
      ".g.replicas",
    ])
  })

  it("has what it leaves out from its template, pinned to the version of now", async () => {
    const { issues, services } = await check({ db, web, worker })
    expect(issues).toEqual([])
    expect(services[1]).toMatchObject({
      title: "Wiki",
      source: { template: "wiki", version: 1, owner: "organization", options: { heading: "Shop" } },
      port: 8090,
      healthPath: "/health",
      environment: { LOG: "info", KEY: "${web.key}" },
    })
  })

  it("has no secret in it: what needs one refers to a secret that the platform makes", async () => {
    const source = {
      _tag: "template",
      template: "wiki",
      options: { heading: "Shop", key: "s3cret" },
    } as const
    const { issues } = await check({ db, web: { ...web, source } })
    expect(issues).toMatchObject([
      {
        path: "definition.services.web.source.options.key",
        message: expect.stringContaining("set the variable KEY to a secret of the stack"),
      },
    ])
  })

  it("names no template of somebody else, and for everyone none of an organization", async () => {
    expect(
      (await check({ web: { ...web, environment: { KEY: "" }, needs: [] } }, globex)).issues,
    ).toMatchObject([{ path: "definition.services.web.source.template" }])
    await offerTemplate(administrator, "blog", true)
    await offerTemplate(administrator, "own", false)
    const of = (template: string) => ({
      web: { ...web, source: { ...web.source, template } as never, environment: { KEY: "" }, needs: [] },
    })
    expect((await check(of("own"), administrator, true)).issues).toHaveLength(1)
    expect((await check(of("own"), administrator)).issues).toEqual([])
    expect((await check(of("blog"), globex)).issues).toEqual([])
    expect(
      await refused(checkStack(globex, { name: "x", everyone: true, definition: written() })),
    ).toMatchObject({
      _tag: "Forbidden",
    })
  })
})

describe("a stack of the library", () => {
  it("is tried service by service, and appears once all of them were built", async () => {
    await add(acme, "shop", {
      db,
      web,
      worker: { ...worker, source: { _tag: "expression", expression: "broken" } },
    })
    expect(await refused(publishVersion(acme, "shop", 1, "stack"))).toMatchObject({ _tag: "NotPossibleNow" })
    await run(validateVersion(acme, "shop", 1, "stack"))
    expect((await run(listAllBuilds)).map(({ template }) => template?.part)).toEqual(["db", "web", "worker"])
    await reaches(() => run(stackHistory(acme, "shop")), 1, "failed")
    const { trials } = (await run(stackHistory(acme, "shop"))).versions[0]!
    expect(trials.map(({ key, failure }) => [key, failure?.title ?? null])).toEqual([
      ["db", null],
      ["web", null],
      ["worker", "A brace is missing."],
    ])
    expect(await refused(publishVersion(acme, "shop", 1, "stack"))).toMatchObject({ _tag: "NotPossibleNow" })
    await run(withdrawVersion(acme, "shop", 1, "stack"))
    await add(acme, "shop")
    await offer(acme, "shop", 2)
    expect(asked.get("shop-db")).toMatchObject({ source: { template: "postgresql" } })
    expect(asked.get("shop-web")).toMatchObject({
      source: { expression: "the wiki" },
      options: { heading: "Shop" },
      organizationId: acme.organization.id,
    })
    expect(asked.get("shop-worker")).toMatchObject({ source: { expression: "the worker" } })
    expect(await names(member)).toEqual(["shop"])
  })

  it("has the log of each trial as it is written, for whoever may change it", async () => {
    const sql = await run(SqlClient.SqlClient)
    await run(
      sql`insert into build_log (build_id, organization_id, seq, at, stream, origin, text)
      select id, organization_id, 1, now(), 'stdout', 'building', 'of ' || part from build where part is not null` as never,
    )
    const of = (part: string) => ({ kind: "stack", name: "shop", number: 2, part }) as const
    const log = (who: Asker, part: string) =>
      Effect.flatMap(followTrial(who, of(part), 0), (lines) =>
        Stream.runCollect(Stream.map(lines, ({ text }) => text)),
      )
    expect(Array.from((await run(log(acme, "worker"))) as Iterable<string>)).toEqual(["of worker"])
    expect(await refused(log(member, "worker"))).toMatchObject({ _tag: "Forbidden" })
    expect(await refused(log(globex, "worker"))).toMatchObject({ _tag: "NotFound" })
    expect(await refused(log(acme, "gone"))).toMatchObject({ _tag: "NotPossibleNow" })
  })

  it("is nobody else's to see, to make, or to change, nor a mere member's to change", async () => {
    expect(await names(globex)).toEqual([])
    expect(await run(manageableStacks(globex))).toEqual([])
    expect(await run(manageableStacks(member))).toEqual([])
    const create = { name: "theft", template: "shop" }
    for (const stolen of [
      stackHistory(globex, "shop"),
      createStack(globex.organization, globex.email, create),
      compareStackVersions(globex, "shop", 2, 2),
      validateVersion(globex, "shop", 2, "stack"),
      withdrawVersion(globex, "shop", 2, "stack"),
      removeTemplate(globex, "shop", "stack"),
    ])
      expect(await refused(stolen as never)).toMatchObject({ _tag: "NotFound" })
    expect(await refused(withdrawVersion(member, "shop", 2, "stack"))).toMatchObject({ _tag: "Forbidden" })
    const sql = await run(SqlClient.SqlClient)
    const rows = sql`select name from template where organization_id is not null` as never
    expect(await run(asTenant(globex.organization.id, rows))).toEqual([])
    // A template of the name is another thing.
    await add(globex, "wiki", { worker: { ...worker, needs: [] } })
    await run(removeTemplate(globex, "wiki", "stack"))
  })

  it("for everyone is made by any organization, from everyone's templates", async () => {
    const blog = {
      ...web,
      source: { _tag: "template", template: "blog", options: { heading: "B" } },
    } as WrittenPart
    await add(administrator, "press", { db, web: blog }, true)
    expect(await refused(stackHistory(globex, "press"))).toMatchObject({ _tag: "NotFound" })
    await offer(administrator, "press", 1)
    expect(await names(globex)).toEqual(["press"])
    expect(
      await refused(addStack(globex, { name: "press", everyone: false, definition: written({ db }) })),
    ).toMatchObject({
      _tag: "NameTaken",
    })
    await run(createStack(globex.organization, globex.email, { name: "news", template: "press" }))
    const { stack } = await live(globex, "news", 1)
    expect(stack.services[1]!.source).toMatchObject({ template: "blog", version: 1, owner: "everyone" })
    // What a stack of the library names stays, and one that names what is not offered is not offered itself.
    await run(removeTemplate(administrator, "blog"))
    expect(await run(templateHistory(administrator, "blog"))).toMatchObject({ removed: true })
    await run(withdrawVersion(administrator, "press", 1, "stack"))
    expect(await refused(publishVersion(administrator, "press", 1, "stack"))).toMatchObject({
      _tag: "NotPossibleNow",
      message: expect.stringContaining("version 1 of the template blog, which is not offered any more"),
    })
  })
})

describe("a deployed stack", () => {
  const { organization, email } = acme
  const standing = () => run(stackStanding(organization.id, "mine"))

  it("is told of a newer version with its difference, and takes it when that is asked for", async () => {
    await run(
      createStack(organization, email, {
        name: "mine",
        template: "shop",
        services: {
          web: { environment: { LOG: "info", MORE: "mine" }, port: 8091 },
          worker: { replicas: 2 },
        },
      }),
    )
    await live(acme, "mine", 1)
    expect(await standing()).toMatchObject({ template: "shop", version: 2, available: null })
    const newer = { ...web, environment: { ...web.environment, LOG: "warn" }, port: 9999 }
    await add(acme, "shop", { db, web: newer })
    await offer(acme, "shop", 3)
    expect(await standing()).toMatchObject({
      available: 3,
      difference: {
        before: 2,
        after: 3,
        services: [
          {
            key: "web",
            kind: "changed",
            changes: [{ field: "port", after: "9999" }, { field: "variable LOG" }],
          },
          { key: "worker", kind: "removed", expression: [{ mark: "-" }] },
        ],
      },
    })
    // Until then it stays as it is, also where something of it is set.
    await run(updateStack(organization, email, "mine", { services: { worker: { replicas: 3 } } }))
    expect((await live(acme, "mine", 2)).revision.templateVersion).toBe("2")
    expect(await refused(updateStack(organization, email, "mine", { version: 7 }))).toMatchObject({
      _tag: "NotFound",
    })
    await run(updateStack(organization, email, "mine", { version: 3 }))
    const { stack, revision } = await live(acme, "mine", 3)
    expect(revision.templateVersion).toBe("3")
    expect(stack.services.map(({ key }) => key)).toEqual(["db", "web"])
    expect(stack.services[1]).toMatchObject({ port: 8091, environment: { LOG: "warn", MORE: "mine" } })
    expect(await standing()).toMatchObject({ version: 3, available: null })
  })

  it("goes on when its stack leaves the library, which is deleted once nothing is made from it", async () => {
    await run(removeTemplate(acme, "shop", "stack"))
    expect(await names(acme)).toEqual([])
    expect(await refused(createStack(organization, email, { name: "late", template: "shop" }))).toMatchObject(
      {
        _tag: "NotFound",
      },
    )
    await run(updateStack(organization, email, "mine", { services: { web: { port: 8092 } } }))
    await live(acme, "mine", 4)
    await run(rollBackStack(organization, email, "mine", 3))
    await live(acme, "mine", 5)
    expect(await refused(removeTemplate(acme, "shop", "stack"))).toMatchObject({ _tag: "NotPossibleNow" })
    // Nor does the template go that only its older version names.
    await run(removeTemplate(acme, "wiki"))
    expect(await run(templateHistory(acme, "wiki"))).toMatchObject({ removed: true })
    await run(deleteStack(organization, "mine", "delete"))
    await run(removeTemplate(acme, "shop", "stack"))
    expect(await refused(stackHistory(acme, "shop"))).toMatchObject({ _tag: "NotFound" })
  })
})

describe("a service of a stack that is set to a template", () => {
  const { organization, email } = acme
  const options = { heading: "Board", key: "s3cret" }
  const create = (name: string, source: object) =>
    createStack(organization, email, {
      name,
      template: "web-worker-cache",
      services: { web: { source: { _tag: "template", options, ...source } as never } },
    })
  const sourceIn = async (name: string) =>
    (await run(findStack(organization.id, name)))!.services.find(({ key }) => key === "web")!.source

  it("is made from the version that is named, or from the newest that is offered", async () => {
    await offerTemplate(acme, "board", false)
    await offerTemplate(acme, "board", false, { port: 8099 })
    await run(addTemplate(acme, { name: "board", everyone: false, definition: wiki }))
    await run(create("first", { template: "board", version: 1 }))
    expect(await sourceIn("first")).toMatchObject({ template: "board", version: 1, owner: "organization" })
    await run(create("newest", { template: "board" }))
    expect(await sourceIn("newest")).toMatchObject({ template: "board", version: 2 })
  })

  it("is told which version is not offered, and of what has none", async () => {
    const why = async (source: object) => {
      const { message, next } = (await refused(create("none", source))) as { message: string; next: string }
      return `${message} ${next}`
    }
    const see = "`skypanel templates show board` lists its versions."
    expect(await why({ template: "board", version: 3 })).toBe(
      `The template "board" offers no version 3; the newest that it offers is 2. ${see}`,
    )
    await run(withdrawVersion(acme, "board", 1))
    expect(await why({ template: "board", version: 1 })).toContain("offers no version 1")
    expect(await why({ template: "bord", version: 1 })).toContain('There is no template "bord".')
    expect(await why({ template: "nodejs", version: 1, options: {} })).toBe(
      'The template "nodejs" comes with SkyPanel and has no versions. Leave the version out.',
    )
    // In a stack that somebody writes it is told at its place.
    const source = { _tag: "template", template: "nodejs", version: 1 } as const
    const definition = written({ web: { source } })
    expect(await run(checkStack(acme, { name: "none", everyone: false, definition }))).toMatchObject({
      issues: [
        {
          path: "definition.services.web.source.version",
          message: expect.stringContaining("has no versions"),
        },
      ],
    })
    // What is made from it already stays at it.
    await live(acme, "first", 1)
    const again = { _tag: "template", template: "board", version: 1, options: { heading: "Other" } } as const
    await run(updateStack(organization, email, "first", { services: { web: { source: again } } }))
    await live(acme, "first", 2)
    expect(await sourceIn("first")).toMatchObject({ version: 1 })
  })
})
