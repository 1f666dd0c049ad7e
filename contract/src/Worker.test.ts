import { Schema } from "effect"
import { describe, expect, it } from "vitest"
import { Volume } from "./Volume.ts"
import { Labels, WorkerName } from "./Worker.ts"

describe("a worker's name", () => {
  it.each(["a", "web-1", "9lives", "a".repeat(63)])("may be %s", (name) =>
    expect(Schema.is(WorkerName)(name)).toBe(true),
  )
  it.each(["", "-a", "a-", "A", "a.b", "a_b", "a".repeat(64), "a b", "ä"])("may not be %j", (name) =>
    expect(Schema.is(WorkerName)(name)).toBe(false),
  )
})

describe("labels", () => {
  it("are names with short values", () =>
    expect(Schema.is(Labels)({ disk: "ssd", "rack.row": "A 1" })).toBe(true))
  it.each([{ Disk: "ssd" }, { disk: "s".repeat(64) }, { disk: "a;b" }, { "": "x" }])("are not %j", (labels) =>
    expect(Schema.is(Labels)(labels)).toBe(false),
  )
  it("are at most 16", () => {
    const many = Object.fromEntries(Array.from({ length: 17 }, (_, at) => [`l${at}`, "x"]))
    expect(Schema.is(Labels)(many)).toBe(false)
  })
})

describe("a volume's path", () => {
  const volume = (path: string) => ({ path, sizeBytes: 2 ** 30, whenWorkerIsLost: "wait" })
  it.each(["/data", "/var/lib/app", "/a/b/c", "/data/.hidden"])("may be %s", (path) =>
    expect(Schema.is(Volume)(volume(path))).toBe(true),
  )
  it.each([
    "/",
    "data",
    "/nix/store",
    "/tmp",
    "/proc/1",
    "/sys",
    "/dev/shm",
    "/etc",
    "/run",
    "/a/../b",
    "/a/./b",
    "/a//b",
    "/a b",
    "/a:b",
    "/a/",
  ])("may not be %s", (path) => expect(Schema.is(Volume)(volume(path))).toBe(false))
})
