import { Effect, Result } from "effect"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { FakeState } from "../test/FakeState.ts"
import { templates } from "../test/fixtures.ts"
import { createRequest, type DeployFlags, saysNothing, templateToRead, updateRequest } from "./wish.ts"

const MiB = 1024 * 1024
const nothing: DeployFlags = {
  name: "hello",
  source: null,
  overrides: [],
  submodules: null,
  lfs: null,
  credential: null,
  options: [],
  env: [],
  unset: [],
  cpu: null,
  memory: null,
  storage: null,
  port: null,
  healthPath: null,
  replicas: null,
  volume: null,
}
const nodejs = { _tag: "template", template: "nodejs" } as const

const issuesOf = (
  result: Result.Result<unknown, { readonly issues: ReadonlyArray<{ path: string; message: string }> }>,
) => (Result.isFailure(result) ? result.failure.issues.map((issue) => `${issue.path}: ${issue.message}`) : [])

const service = (flags: Partial<DeployFlags>) => {
  const state = new FakeState()
  state.auto = null
  const request = Result.getOrThrow(createRequest({ ...nothing, source: nodejs, ...flags }, templates[0]!))
  return Effect.runSync(state.create(request)).service
}

describe("what is built and started otherwise", () => {
  const git = { _tag: "git", url: "https://example.com/a.git", ref: null } as const
  const create = (overrides: ReadonlyArray<string>, source: DeployFlags["source"] = git) =>
    createRequest({ ...nothing, source, overrides }, null)

  it("is part of the source, and stays with it until it is taken back", () => {
    const source = Result.getOrThrow(
      create(["build.path=apps/web", "start.process=worker", "arguments.A=b=c"]),
    ).source
    expect(source).toEqual({
      ...git,
      overrides: { build: { path: "apps/web" }, start: { process: "worker" }, arguments: { A: "b=c" } },
    })
    const before = { ...service({}), source }
    const change = (overrides: ReadonlyArray<string>) =>
      Result.getOrThrow(updateRequest({ ...nothing, overrides }, before)).source
    expect(change([])).toBeUndefined()
    expect(change(["start.command=npm run x", "arguments.A="])).toEqual({
      ...git,
      overrides: { build: { path: "apps/web" }, start: { command: "npm run x" } },
    })
    expect(change(["build.path=", "start.process=", "arguments.A="])).toEqual({ ...git, overrides: {} })
    expect(saysNothing({ ...nothing, overrides: ["build.path="] })).toBe(false)
  })

  it("names what cannot be said", () => {
    expect(issuesOf(create(["path=x"]))).toEqual([
      expect.stringMatching(/^--override: there is no "path"; there are build\.path/),
    ])
    expect(issuesOf(create(["build.path=../x"]))).toEqual([
      expect.stringMatching(/^source\.overrides\.build\.path: that is not a path in the repository/),
    ])
    expect(issuesOf(create(["build.path=x"], nodejs))).toEqual([
      "--override: only repositories and folders are built by what it says",
    ])
  })
})

describe("creating", () => {
  it("sends only what was said, so that the platform's own defaults hold", () => {
    expect(Result.getOrThrow(createRequest({ ...nothing, source: nodejs }, null))).toEqual({
      name: "hello",
      source: nodejs,
    })
  })

  it("changes single values of the template and keeps the others", () => {
    const flags = {
      ...nothing,
      source: nodejs,
      memory: "1GiB",
      env: ["A=b=c", "EMPTY="],
      port: 81,
      healthPath: "",
    }
    expect(templateToRead(flags)).toBe("nodejs")
    expect(Result.getOrThrow(createRequest(flags, templates[0]!))).toEqual({
      name: "hello",
      source: nodejs,
      environment: { GREETING: "Hello", A: "b=c", EMPTY: "" },
      resources: { cpu: 0.5, memoryBytes: 1024 * MiB, storageBytes: 32 * MiB },
      port: 81,
      healthPath: null,
    })
    expect(templateToRead({ ...nothing, source: nodejs, port: 81 })).toBeNull()
  })

  it("needs a source", () => {
    expect(Result.isFailure(createRequest(nothing, null))).toBe(true)
  })

  it("names each value that cannot be used", () => {
    const create = (flags: Partial<DeployFlags>) =>
      issuesOf(createRequest({ ...nothing, source: nodejs, ...flags }, null))
    expect(create({ env: ["NOVALUE", "=x"], memory: "much" })).toEqual([
      '--env: write NAME=value, not "NOVALUE"',
      '--env: write NAME=value, not "=x"',
      "--memory: write a size such as 256MiB or 1GiB",
    ])
    expect(create({ name: "Not_A_Label" })).toEqual([expect.stringMatching(/^name: a name has 1 to 30/)])
    expect(create({ cpu: 1000, memory: "1" })).toEqual([
      "resources.cpu: CPU is between 0.05 and 64 cores",
      "resources.memoryBytes: memory is between 16 MiB and 512 GiB",
    ])
    expect(create({ port: 0 })).toEqual(["port: a port is between 1 and 65535"])
    expect(create({ healthPath: "health" })).toEqual([
      expect.stringMatching(/^healthPath: a health path starts with \//),
    ])
    expect(create({ env: ["PORT=1"] })).toEqual([expect.stringMatching(/^environment/)])
    expect(create({ replicas: 21 })).toEqual(["replicas: a service has 1 to 20 instances"])
    expect(create({ volume: { text: "/data" } })).toEqual([
      expect.stringMatching(/^--volume: write PATH:SIZE/),
    ])
    expect(create({ volume: { text: "/etc/x:1GiB" } })).toEqual([
      expect.stringMatching(/^volume\.path: a volume's path is absolute/),
    ])
    expect(create({ volume: { text: "/data:1KiB" } })).toEqual([
      "volume.sizeBytes: a volume has between 16 MiB and 1 TiB",
    ])
    expect(create({ source: { _tag: "git", url: "https://example.com/a", ref: "--upload-pack=x" } })).toEqual(
      [expect.stringMatching(/that is not a branch, tag or commit/)],
    )
  })

  it("never throws, whatever is typed", () => {
    const text = fc.option(fc.string(), { nil: null })
    fc.assert(
      fc.property(
        fc.string(),
        fc.array(fc.string()),
        text,
        text,
        fc.option(fc.double(), { nil: null }),
        (name, env, memory, path, cpu) => {
          const result = createRequest(
            { ...nothing, source: nodejs, name, env, memory, healthPath: path, cpu },
            null,
          )
          expect(Result.isSuccess(result) || result.failure.message !== "").toBe(true)
        },
      ),
    )
  })
})

describe("changing", () => {
  it("leaves out what was not said", () => {
    expect(saysNothing(nothing)).toBe(true)
    expect(saysNothing({ ...nothing, unset: ["A"] })).toBe(false)
    expect(Result.getOrThrow(updateRequest({ ...nothing, port: 81 }, service({})))).toEqual({ port: 81 })
  })

  it("takes the port away, and gives one", () => {
    expect(saysNothing({ ...nothing, port: "none" })).toBe(false)
    const change = (port: DeployFlags["port"]) =>
      Result.getOrThrow(updateRequest({ ...nothing, port }, service({})))
    expect(change("none")).toEqual({ port: null })
    expect(change(3000)).toEqual({ port: 3000 })
  })

  it("changes replicas and volume, also to none", () => {
    const before = service({ volume: { text: "/data:1GiB" } })
    expect(saysNothing({ ...nothing, replicas: 2 })).toBe(false)
    expect(saysNothing({ ...nothing, volume: "none" })).toBe(false)
    expect(Result.getOrThrow(updateRequest({ ...nothing, replicas: 2, volume: "none" }, before))).toEqual({
      replicas: 2,
      volume: null,
    })
  })

  it("chooses a repository's parts, and keeps to what was chosen of the same one", () => {
    const url = "https://git.example.com/acme/app.git"
    const git = { _tag: "git", url, ref: null } as const
    const before = service({ source: git, submodules: true })
    expect(before.source).toEqual({ ...git, submodules: true })
    expect(saysNothing({ ...nothing, lfs: false })).toBe(false)
    const sourceOf = (flags: Partial<DeployFlags>) =>
      Result.map(updateRequest({ ...nothing, ...flags }, before), ({ source }) => source)
    const changed = (flags: Partial<DeployFlags>) => Result.getOrThrow(sourceOf(flags))
    expect(changed({ lfs: true })).toEqual({ ...git, submodules: true, lfs: true })
    expect(changed({ submodules: false })).toEqual(git)
    expect(changed({ source: { ...git, ref: "next" } })).toEqual({ ...git, ref: "next", submodules: true })
    const other = { ...git, url: `${url}-2` }
    expect(changed({ source: other })).toEqual(other)
    expect(issuesOf(sourceOf({ source: nodejs, lfs: true }))).toEqual([
      "--lfs: that is for a Git repository: add --git URL",
    ])
  })

  it("adds to the service's own environment and resources", () => {
    const before = service({ env: ["A=1", "B=2"], memory: "512MiB" })
    expect(
      Result.getOrThrow(updateRequest({ ...nothing, env: ["B=3"], unset: ["A"], cpu: 2 }, before)),
    ).toEqual({
      environment: { GREETING: "Hello", B: "3" },
      resources: { cpu: 2, memoryBytes: 512 * MiB, storageBytes: 32 * MiB },
    })
  })
})
