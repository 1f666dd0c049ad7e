import type { ReleaseId } from "@skypanel/contract/Id"
import type { StackPart } from "@skypanel/contract/Stack"
import { describe, expect, it } from "vitest"
import type { Meanings } from "./meanings.ts"
import { type Known, type Planned, planRollback, planUpdate } from "./plan.ts"
import { planReturn, planRotation, rotationParts } from "./rotation.ts"

/** `worker` refers to nothing, `web` to the database's port and password, and the database to its own password. */
const parts = (port: number) =>
  [
    { key: "db", port, needs: [] },
    { key: "web", port: 80, needs: ["db"] },
    { key: "worker", port: 80, needs: ["db", "web"] },
  ] as unknown as ReadonlyArray<StackPart>
const release = (key: string, number = 1) => `rel_${key}_${number}` as ReleaseId

const ofWeb = (port: number, version = 1): Meanings => ({
  "db.host": "shop-db",
  "db.port": String(port),
  "db.password": { version },
})
const knownWith = (port: number, started: ReadonlyArray<Meanings | null>, more: Partial<Known> = {}) => {
  const known = (key: string, one: Partial<Known>): [string, Known] => [
    key,
    { serves: true, release: release(key), port: 80, started: [], ...one },
  ]
  return new Map([
    known("db", { port, started: [{ "db.password": { version: 1 } }] }),
    known("web", { started, ...more }),
    known("worker", {}),
  ])
}
const secrets = new Map([["db.password", 1]])
const waiting = (planned: ReadonlyArray<Planned>) =>
  planned.filter(({ state }) => state === "waiting").map(({ key }) => key)

describe("an update", () => {
  const update = (port: number, known: ReadonlyMap<string, Known>, versions = secrets) =>
    waiting(
      planUpdate(
        parts(port),
        new Map(["db", "web", "worker"].map((key) => [key, parts(5432)])),
        new Map(),
        known,
        versions,
      ),
    )

  it("deploys what is set otherwise, and what refers to it", () => {
    expect(update(5432, knownWith(5432, [ofWeb(5432)]))).toEqual([])
    expect(update(5433, knownWith(5432, [ofWeb(5432)]))).toEqual(["db", "web"])
  })

  it("deploys what runs with what its references do not stand for any more", () => {
    // Somebody changed the database's port by itself.
    expect(update(5432, knownWith(5434, [ofWeb(5432)]))).toEqual(["web"])
    expect(update(5432, knownWith(5434, [ofWeb(5434)]))).toEqual([])
    expect(update(5432, knownWith(5432, [ofWeb(5432), ofWeb(5431)]))).toEqual(["web"])
    // A rotation did not come to it.
    expect(update(5432, knownWith(5432, [ofWeb(5432)]), new Map([["db.password", 2]]))).toEqual(["db", "web"])
    // What it was started with is not known.
    expect(update(5432, knownWith(5432, [null]))).toEqual(["web"])
  })
})

describe("a rollback", () => {
  const targets = (port: number, web = 1) =>
    new Map([
      ["db", { id: release("db"), port }],
      ["web", { id: release("web", web), port: 80 }],
      ["worker", { id: release("worker"), port: 80 }],
    ])
  const back = (port: number, known: ReadonlyMap<string, Known>, web = 1) =>
    waiting(planRollback(targets(port, web), known, secrets))

  it("deploys what has another release", () => {
    expect(back(5432, knownWith(5432, [ofWeb(5432)]))).toEqual([])
    expect(back(5432, knownWith(5432, [ofWeb(5432)]), 2)).toEqual(["web"])
  })

  it("deploys also what has the same release, and was started with what will not be so any more", () => {
    // The database goes back to its port of then; the application was restarted since it has another one.
    const known = knownWith(5434, [ofWeb(5434)])
    known.set("db", { ...known.get("db")!, release: release("db", 2) })
    expect(back(5432, known)).toEqual(["db", "web"])
  })
})

describe("a rotation", () => {
  const users = new Set(["db", "web"])
  const rotation = { secret: "db.password", from: 1, to: 2 }
  const known = knownWith(5432, [ofWeb(5432)])
  const steps = (...states: ReadonlyArray<"live" | "failed" | "unchanged" | "waiting">) =>
    states.map((state, at) => ({ key: ["db", "web", "worker"][at]!, state }))

  it("deploys what refers to the secret and runs", () => {
    expect(waiting(planRotation(parts(5432), users, known))).toEqual(["db", "web"])
    const stopped = knownWith(5432, [], { serves: false })
    expect(waiting(planRotation(parts(5432), users, stopped))).toEqual(["db"])
  })

  it("goes back with the secret's service, and with what was started since with the new version", () => {
    const failed = steps("live", "failed", "unchanged")
    expect(waiting(planReturn(failed, rotation, known))).toEqual(["db"])
    expect(waiting(planReturn(failed, rotation, knownWith(5432, [ofWeb(5432, 2)])))).toEqual(["db", "web"])
  })

  it("begins with the secret's service, also where that needs another one that has the secret", () => {
    const circular = parts(5432).map((part) => (part.key === "db" ? { ...part, needs: ["web"] } : part))
    const needs = rotationParts(circular, steps("waiting", "waiting", "unchanged"), "db.password").map(
      (part) => part.needs,
    )
    expect(needs).toEqual([[], ["db"], ["db", "web"]])
  })
})
