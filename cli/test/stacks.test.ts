import { expect, it } from "vitest"
import { usePlatform } from "./usePlatform.ts"

const { run, platform } = usePlatform()

const create = (...more: ReadonlyArray<string>) =>
  run("stacks", "create", "shop", "--template", "web-postgres", ...more)

it("shows the library, creates a stack from it, and waits for all its services", async () => {
  expect((await run("stacks", "list")).out).toContain("No stacks yet")
  expect((await run("stacks", "templates")).out).toMatch(
    /web-postgres +1\.0\.0 +skypanel +db, web +Both of it/,
  )
  const { code, out, err } = await create("--wait")
  expect([code, err]).toEqual([0, expect.stringContaining("✓ db live\n✓ web live")])
  expect(out).toMatch(/db +live +shop-db +— +tcp:\/\/shop-db:8080/)
  expect(out).toContain("db.password")
  expect((await run("stacks", "list")).out).toMatch(/shop +live +1 +web-postgres +db, web/)
  expect(JSON.parse((await run("stacks", "show", "shop", "--json")).out)).toMatchObject({ name: "shop" })
})

it("sets what is named of a service, on top of what it has", async () => {
  await create("--set", "web.memory=512MiB", "--set", "web.env.A=x=y", "--set", "db.volume=5GiB")
  await run(
    "stacks",
    "update",
    "shop",
    "--set",
    "web.git=https://example.com/a.git#main",
    "--set",
    "web.replicas=2",
  )
  const [created, updated] = platform().state.requests.filter((text) => /^(create|update) /.test(text))
  expect(JSON.parse(created!.slice("create ".length))).toEqual({
    web: {
      resources: { cpu: 0.25, memoryBytes: 2 ** 29, storageBytes: 2 ** 26 },
      environment: { DATABASE_URL: "${db.password}", A: "x=y" },
    },
    db: { volumeBytes: 5 * 2 ** 30 },
  })
  expect(JSON.parse(updated!.slice("update ".length))).toEqual({
    web: { source: { _tag: "git", url: "https://example.com/a.git", ref: "main" }, replicas: 2 },
  })
})

it("has submodules and LFS files fetched where that is said, of the repository that is named or that it has", async () => {
  const { state } = platform()
  await create("--set", "web.submodules=yes", "--set", "web.git=https://example.com/a.git#main")
  const { source } = JSON.parse(state.requests.at(-1)!.slice("create ".length)).web
  expect(source).toEqual({ _tag: "git", url: "https://example.com/a.git", ref: "main", submodules: true })

  const update = async (...set: ReadonlyArray<string>) => {
    const { code, err } = await run("stacks", "update", "shop", ...set.flatMap((one) => ["--set", one]))
    expect(code, err).toBe(0)
    return JSON.parse(state.requests.at(-1)!.slice("update ".length)).web.source
  }
  const [, web] = state.stacks.get("shop")!.services
  Object.assign(web!, { source })
  expect(await update("web.lfs=yes")).toEqual({ ...source, lfs: true })
  const { submodules: _, ...without } = source
  expect(await update("web.submodules=no")).toEqual(without)
  // Another branch of the same repository has what it had; another repository has not.
  expect(await update("web.git=https://example.com/a.git")).toEqual({ ...source, ref: null })
  const other = { _tag: "git", url: "https://example.com/b.git", ref: null }
  expect(await update("web.git=https://example.com/b.git")).toEqual(other)
})

it("takes the newest version of a template, or the one that is named", async () => {
  await create("--set", "web.template=wiki", "--set", "db.template=wiki@3")
  const { web, db } = JSON.parse(platform().state.requests.at(-1)!.slice("create ".length))
  expect(web.source).toEqual({ _tag: "template", template: "wiki" })
  expect(db.source).toEqual({ _tag: "template", template: "wiki", version: 3 })
})

it.each([
  ["web.template=wiki@", "write NAME, or NAME@VERSION with the number of a version"],
  ["web.template=wiki@new", "write NAME, or NAME@VERSION with the number of a version"],
  ["web.template=wiki@0", "write NAME, or NAME@VERSION with the number of a version"],
  ["web.submodules=yes", "the service is not made from a Git repository: add --set web.git=URL"],
  ["web.lfs=maybe", "write yes or no"],
  ["web.colour=red", "one sets cpu, memory"],
  ["memory=1", "the stack's services are db, web"],
  ["web.memory=much", "write a size"],
  ["web.replicas=99", "1 to 20 instances"],
  ["web.port=some", "write a number, or none"],
])("refuses --set %s", async (setting, why) => {
  const { code, err } = await create("--set", setting)
  expect([code, err]).toEqual([2, expect.stringContaining(why)])
})

it("goes back to a revision, and prints a secret when it is asked for", async () => {
  await create()
  const { out, err } = await run("stacks", "rollback", "shop", "1", "--wait")
  expect(out).toContain("2, back to 1")
  expect(err).toContain("db.password is used as of now: the value of then is gone.")
  expect((await run("stacks", "secret", "shop", "db.password")).out).toBe("the-secret\n")
  expect((await run("stacks", "show", "shop")).out).not.toContain("the-secret")
})

it("deletes nothing before it is said what becomes of the volumes, and that it may", async () => {
  await create()
  expect(await run("stacks", "delete", "shop", "--yes")).toMatchObject({
    code: 2,
    err: expect.stringContaining("shop-db has a volume"),
  })
  expect((await run("stacks", "delete", "shop", "--volumes", "keep")).code).toBe(2)
  expect((await run("stacks", "delete", "shop", "--volumes", "keep", "--yes", "--wait")).out).toContain(
    "shop is deleted",
  )
  expect(platform().state.requests.at(-1)).toBe("delete keep")
  expect((await run("stacks", "show", "shop")).code).toBe(4)
})

it("rotates a secret once that was said to be meant", async () => {
  await create()
  expect(await run("stacks", "rotate", "shop", "db.password")).toMatchObject({
    code: 2,
    err: expect.stringContaining("whether db.password may be rotated"),
  })
  expect((await run("stacks", "rotate", "shop", "web.password", "--yes")).code).toBe(4)
  const { code, out } = await run("stacks", "rotate", "shop", "db.password", "--yes", "--wait")
  expect([code, out]).toEqual([0, expect.stringContaining("2, rotate db.password")])
  expect(out).toContain("db.password (version 2")
})
