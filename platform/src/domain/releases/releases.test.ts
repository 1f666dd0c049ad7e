import type { Release } from "@skypanel/contract/Release"
import { defaultResources } from "@skypanel/contract/Resources"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { parseDrvName } from "../drvName.ts"
import { compareConfiguration } from "./configuration.ts"
import { packageOf } from "./packageName.ts"
import { closureBytes, compareClosures, type Member, packagesOf } from "./packages.ts"

const member = (name: string, narSize = 1, hash = "0"): Member => ({
  base: `${hash.repeat(32)}-${name}`,
  narSize,
})

describe("the name and version in a store path", () => {
  // What `builtins.parseDrvName` of Nix 2.8 says of the same texts.
  it.each([
    ["hello-2.12.1", "hello", "2.12.1"],
    ["nix-0.12pre12876", "nix", "0.12pre12876"],
    ["gcc-wrapper-13.2.0", "gcc-wrapper", "13.2.0"],
    ["python3.11-requests-2.31", "python3.11-requests", "2.31"],
    ["font-adobe--100", "font-adobe", "-100"],
    ["app", "app", null],
    ["app-", "app-", null],
    ["-1", "", "1"],
  ])("%s", (text, name, version) => expect(parseDrvName(text)).toEqual({ name, version }))

  it("is put together again, and nothing before it would do", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(..."ab1.-_+?=Z9") }), (text) => {
        const { name, version } = parseDrvName(text)
        expect(version === null ? name : `${name}-${version}`).toBe(text)
        expect(parseDrvName(name).version).toBeNull()
      }),
    )
  })

  it.each([
    ["glibc-2.40-66-bin", "glibc", "2.40-66"],
    ["gcc-13.3.0-lib", "gcc", "13.3.0"],
    ["my-lib", "my-lib", null],
    ["site-static", "site-static", null],
  ])("%s without its output", (text, name, version) => expect(packageOf(text)).toEqual({ name, version }))
})

const closures = fc.array(
  fc.record({
    name: fc.constantFrom("a-1", "a-2", "b-1", "b-1-lib", "c", "d-0.1"),
    narSize: fc.integer({ min: 0, max: 1e9 }),
    hash: fc.constantFrom("0", "1"),
  }),
  { maxLength: 12 },
)
const membersOf = (rows: ReadonlyArray<{ name: string; narSize: number; hash: string }>) =>
  Array.from(
    new Map(rows.map((row) => [row.name + row.hash, member(row.name, row.narSize, row.hash)])).values(),
  )

describe("the comparison of two closures", () => {
  it("tells what was added, removed, and changed in version and size", () => {
    const before = [member("libc-2.0", 100), member("old-1"), member("app-1.0", 10), member("kept-3", 5)]
    const after = [member("libc-2.1", 120), member("new-2"), member("app-1.0", 12), member("kept-3", 5, "1")]
    const one = (...versions: ReadonlyArray<string>) => ({ versions, bytes: 1 })
    expect(compareClosures(before, after)).toEqual({
      bytesBefore: 116,
      bytesAfter: 138,
      rebuilt: 1,
      packages: [
        { name: "app", before: { ...one("1.0"), bytes: 10 }, after: { ...one("1.0"), bytes: 12 } },
        { name: "libc", before: { ...one("2.0"), bytes: 100 }, after: { ...one("2.1"), bytes: 120 } },
        { name: "new", before: null, after: one("2") },
        { name: "old", before: one("1"), after: null },
      ],
    })
  })

  it("finds nothing in what is the same, in whatever order", () => {
    fc.assert(
      fc.property(closures, (rows) => {
        const closure = membersOf(rows)
        const { packages, rebuilt } = compareClosures(closure, closure.toReversed())
        expect([packages, rebuilt]).toEqual([[], 0])
      }),
    )
  })

  it("accounts for every byte between the two, and is its own mirror image", () => {
    fc.assert(
      fc.property(closures, closures, (one, other) => {
        const [before, after] = [membersOf(one), membersOf(other)]
        const forth = compareClosures(before, after)
        const back = compareClosures(after, before)
        const grown = forth.packages.reduce(
          (sum, change) => sum + (change.after?.bytes ?? 0) - (change.before?.bytes ?? 0),
          0,
        )
        expect(grown).toBe(closureBytes(after) - closureBytes(before))
        expect(
          back.packages.map((change) => ({ ...change, before: change.after, after: change.before })),
        ).toEqual(forth.packages)
        expect(packagesOf(before).reduce((sum, { paths }) => sum + paths, 0)).toBe(before.length)
      }),
    )
  })
})

describe("the comparison of two configurations", () => {
  const release: Omit<Release, "id" | "number"> = {
    current: true,
    imageDigest: "",
    imageGone: false,
    imageBytes: 0,
    storePath: "",
    source: { _tag: "expression", expression: "1" },
    revision: null,
    environment: { KEPT: "1", OLD: "x", CHANGED: "a" },
    secrets: [
      { name: "KEY", version: 1 },
      { name: "SAME", version: 3 },
    ],
    resources: defaultResources,
    port: 3000,
    healthPath: null,
    replicas: 1,
    volume: null,
    secretsOfNow: [],
    createdAt: "",
  }

  it("finds nothing in what is the same", () => expect(compareConfiguration(release, release)).toEqual([]))

  it("names variables, and tells the rest in words", () => {
    const changes = compareConfiguration(release, {
      ...release,
      environment: { KEPT: "1", NEW: "", CHANGED: "b" },
      secrets: [
        { name: "KEY", version: 2 },
        { name: "SAME", version: 3 },
      ],
      resources: { ...defaultResources, memoryBytes: defaultResources.memoryBytes + 1 },
      healthPath: "/health",
      volume: { path: "/data", sizeBytes: 2 ** 30, whenWorkerIsLost: "wait" },
      source: { _tag: "expression", expression: "2" },
    })
    expect(changes.map(({ field, variable, before, after }) => [variable ?? field, before, after])).toEqual([
      ["CHANGED", "a", "b"],
      ["NEW", null, ""],
      ["OLD", "x", null],
      ["KEY", "version 1", "version 2"],
      ["memory", "268435456 B", "268435457 B"],
      ["health path", null, "/health"],
      ["volume", null, "/data, 1 GiB, waits for its worker"],
      ["source", "Nix expression 6b86b273", "Nix expression d4735e3a"],
    ])
  })
})
