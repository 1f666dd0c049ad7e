import type { StackPart, StackTemplate } from "@skypanel/contract/Stack"
import { referencesIn } from "@skypanel/contract/StackReferences"
import { Result } from "effect"
import { describe, expect, it } from "vitest"
import { moveSettings } from "./moveSettings.ts"
import { deployOrder } from "./order.ts"
import { mergeSettings, partsOf, settingsIssues, stackIssues } from "./parts.ts"
import { healthSeconds, progressOf, type Seen, type Step } from "./progress.ts"
import { resolveEnvironment } from "./references.ts"
import { stackState } from "./state.ts"
import { noDefaults, partOf } from "./written.ts"

const part = (key: string, needs: ReadonlyArray<string>, more: Partial<StackPart> = {}): StackPart => ({
  key,
  title: key,
  source: { _tag: "template", template: key },
  public: false,
  port: 8080,
  healthPath: null,
  resources: { cpu: 1, memoryBytes: 2 ** 26, storageBytes: 2 ** 20 },
  replicas: 1,
  volume: null,
  environment: {},
  secrets: [],
  needs,
  ...more,
})

const shop = [
  part("web", ["db", "cache"], { public: true, environment: { URL: "pg://app:${db.password}@${db.host}" } }),
  part("db", [], { secrets: ["password"] }),
  part("worker", ["cache"]),
  part("cache", []),
]
const template = {
  owner: "skypanel",
  name: "shop",
  title: "",
  description: "",
  version: "1.0.0",
  icon: "",
  services: shop,
} as StackTemplate
const keys = (parts: ReadonlyArray<{ readonly key: string }>) => parts.map(({ key }) => key)

describe("the order of a stack", () => {
  it("has each service after those that it needs", () => {
    expect(keys(Result.getOrThrow(deployOrder(shop)))).toEqual(["db", "cache", "web", "worker"])
  })

  it("is none where services need each other in a circle, and that is named", () => {
    const circle = [part("a", ["b"]), part("b", ["c"]), part("c", ["b"])]
    expect(deployOrder(circle)).toEqual(Result.fail("b → c → b"))
    expect(deployOrder([part("a", ["a"])])).toEqual(Result.fail("a → a"))
  })
})

describe("a reference", () => {
  it("is a service and what of it; nothing else in a value is one", () => {
    expect(referencesIn("x${db.password}y${web.url}${HOME}${a}${.b}$db.host{c.d}")).toEqual([
      { key: "db", attribute: "password" },
      { key: "web", attribute: "url" },
    ])
  })

  it("is replaced by what it stands for, once, and makes the whole void where it stands for nothing", () => {
    const values: Record<string, string> = { "db.password": "${db.host}$&", "db.host": "shop-db" }
    const meaningOf = ({ key, attribute }: { key: string; attribute: string }) =>
      values[`${key}.${attribute}`] ?? null
    expect(resolveEnvironment({ A: "${db.password}@${db.host}", B: "${HOME}" }, meaningOf)).toEqual({
      A: "${db.host}$&@shop-db",
      B: "${HOME}",
    })
    expect(resolveEnvironment({ A: "${db.port}" }, meaningOf)).toBeNull()
  })
})

describe("a stack's services", () => {
  it("are the template's with what is set: variables beside and over the template's", () => {
    const set = { web: { replicas: 2, environment: { URL: "x", MORE: "y" } } }
    const web = partsOf(template, set).find(({ key }) => key === "web")!
    expect(web).toMatchObject({ replicas: 2, environment: { URL: "x", MORE: "y" } })
    expect(mergeSettings(set, { web: { replicas: 3 }, db: { volumeBytes: 5 } })).toEqual({
      web: { replicas: 3, environment: { URL: "x", MORE: "y" } },
      db: { volumeBytes: 5 },
    })
  })

  it("have settings and references of what there is only", () => {
    const set = {
      web: { environment: { A: "${db.secret}", B: "${no.host}", C: "${cache.url}" } },
      nobody: {},
      db: { volumeBytes: 1 },
    }
    expect(settingsIssues(partsOf(template, set), set).map(({ path }) => path)).toEqual([
      "services.nobody",
      "services.web.environment.A",
      "services.web.environment.B",
      "services.web.environment.C",
      "services.db.volumeBytes",
    ])
    expect(stackIssues([part("a", ["b"])])[0]!.message).toContain('no service "b"')
    expect(stackIssues(template.services)).toEqual([])
  })

  it("have neither port nor address to refer to, nor a health path or an endpoint, where they have no port", () => {
    const paths = (services: ReadonlyArray<StackPart>) => stackIssues(services).map(({ path }) => path)
    const bot = part("bot", [], { port: null })
    const refers = (to: string) => part("web", [], { environment: { A: `\${bot.${to}}` } })
    expect(paths([bot, refers("host")])).toEqual([])
    expect(paths([bot, refers("port")])).toEqual(["services.web.environment.A"])
    expect(paths([{ ...bot, public: true }, refers("url")])).toEqual([
      "services.bot.public",
      "services.web.environment.A",
    ])
    expect(paths([{ ...bot, healthPath: "/" }])).toEqual(["services.bot.healthPath"])
  })

  it("lose what is asked on a port that somebody takes away, unless they ask for it themselves", () => {
    const services = [part("web", [], { healthPath: "/ok", public: true })]
    const set = (web: object) => partsOf({ ...template, services }, { web })
    expect(set({ port: null })).toMatchObject([{ port: null, healthPath: null }])
    const wrong = { port: null, healthPath: "/mine" }
    expect(settingsIssues(set(wrong), { web: wrong }).map(({ path }) => path)).toEqual([
      "services.web.healthPath",
    ])
  })
})

const step = (key: string, state: Step["state"], heldUpAt: number | null = null): Step => ({
  key,
  state,
  detail: null,
  heldUpAt,
})
const healthy: Seen = { healthy: true, ended: null }
const live: Seen = { healthy: true, ended: "live" }
const parts = partsOf(template, {})
const states = (steps: ReadonlyArray<Step>) => steps.map(({ key, state }) => `${key} ${state}`).join(", ")

describe("a revision", () => {
  it("starts what needs nothing, together", () => {
    const progress = progressOf(
      parts,
      parts.map(({ key }) => step(key, "waiting")),
      new Map(),
      null,
      0,
    )
    expect(progress).toMatchObject({ start: ["db", "cache"], status: "deploying", failure: null })
    expect(progress.steps[2]!.detail).toBe("waits for db and cache")
  })

  it("starts a service when all that it needs is live and healthy", () => {
    const steps = [
      step("db", "deploying"),
      step("cache", "unchanged"),
      step("web", "waiting"),
      step("worker", "waiting"),
    ]
    const one = progressOf(parts, steps, new Map([["cache", healthy]]), null, 0)
    expect(one.start).toEqual(["worker"])
    const both = progressOf(
      parts,
      one.steps,
      new Map([
        ["cache", healthy],
        ["db", live],
      ]),
      null,
      0,
    )
    expect(both.start).toEqual(["web"])
    expect(states(both.steps)).toBe("db live, cache unchanged, web deploying, worker deploying")
  })

  it("waits for health, and gives up after its time", () => {
    const steps = [
      step("db", "live"),
      step("cache", "live"),
      step("web", "waiting"),
      step("worker", "unchanged"),
    ]
    const ill = new Map([["cache", healthy]])
    const held = progressOf(parts, steps, ill, null, 1_000)
    expect(held).toMatchObject({ start: [], status: "deploying" })
    expect(held.steps[2]).toMatchObject({ heldUpAt: 1_000, detail: "waits for db to be healthy" })
    const late = progressOf(parts, held.steps, ill, null, 1_000 + healthSeconds * 1_000)
    expect(late).toMatchObject({ status: "failed", failure: { key: "web" } })
  })

  it("that fails starts nothing more, lets go on what goes on, and names the first failure", () => {
    const failed: Seen = { healthy: false, ended: { title: "It exited.", next: "Mend it." } }
    const steps = [
      step("db", "deploying"),
      step("cache", "deploying"),
      step("web", "waiting"),
      step("worker", "waiting"),
    ]
    const first = progressOf(parts, steps, new Map([["db", failed]]), null, 0)
    expect(first).toMatchObject({
      start: [],
      status: "deploying",
      failure: { key: "db", title: "It exited." },
    })
    expect(states(first.steps)).toBe("db failed, cache deploying, web skipped, worker skipped")
    const last = progressOf(parts, first.steps, new Map([["cache", live]]), first.failure, 0)
    expect(last).toMatchObject({ status: "failed", failure: { key: "db" } })
    expect(states(last.steps)).toBe("db failed, cache live, web skipped, worker skipped")
  })

  it("is live when all of it is", () => {
    const done = parts.map(({ key }) => step(key, key === "web" ? "deploying" : "unchanged"))
    expect(progressOf(parts, done, new Map([["web", live]]), null, 0).status).toBe("live")
  })
})

it("a stack's state is its wish, then its newest revision, then its services", () => {
  const facts = { wish: "running", newest: "live", everLive: true, services: ["live", "live"] } as const
  expect(stackState(facts)).toBe("live")
  expect(stackState({ ...facts, services: ["live", "stopped"] })).toBe("degraded")
  expect(stackState({ ...facts, newest: "failed" })).toBe("degraded")
  expect(stackState({ ...facts, newest: "failed", everLive: false })).toBe("failed")
  expect(stackState({ ...facts, newest: "deploying" })).toBe("deploying")
  expect(stackState({ ...facts, wish: "deleted" })).toBe("deleting")
})

describe("what somebody set, for another version of the template", () => {
  const before = [part("db", []), { ...part("web", []), environment: { LOG: "info" } }, part("gone", [])]
  const after = [part("db", []), part("web", []), part("new", [])]

  it("stays, unless it was what the template had; what is gone is set no more", () => {
    const set = {
      db: { volumeBytes: 5, replicas: 1, port: before[0]!.port },
      web: { environment: { LOG: "info", MORE: "x" }, replicas: 2 },
      gone: { replicas: 3 },
    }
    expect(moveSettings(set, before, after)).toEqual({ web: { environment: { MORE: "x" }, replicas: 2 } })
    expect(moveSettings(set, [], after)).toEqual({
      db: { replicas: 1, port: before[0]!.port },
      web: set.web,
    })
  })
})

describe("a service as its author writes it", () => {
  const source = { _tag: "image", reference: "redis:7" } as const

  it("has what is left out from its template", () => {
    const defaults = { ...noDefaults, title: "Wiki", port: 8090, environment: { A: "1", B: "2" } }
    const { part, issues } = partOf("web", { source, environment: { B: "3" } }, source, defaults)
    expect(issues).toEqual([])
    expect(part).toMatchObject({ title: "Wiki", port: 8090, environment: { A: "1", B: "3" }, replicas: 1 })
  })

  it("has to say its port where nothing else does", () => {
    expect(partOf("web", { source }, source, noDefaults).issues).toMatchObject([
      { path: "services.web.port" },
    ])
    expect(partOf("web", { source, port: null }, source, noDefaults)).toMatchObject({
      part: { port: null, healthPath: null },
      issues: [],
    })
  })

  it("has no secret of a name that every service has, nor one twice", () => {
    const secrets = ["host", "a", "a"]
    expect(stackIssues([{ ...part("db", []), secrets }]).map(({ path }) => path)).toEqual(
      Array(2).fill("services.db.secrets"),
    )
  })
})
