import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, expect, it } from "vitest"
import { usePlatform } from "./usePlatform.ts"

const { run, platform } = usePlatform()
const folder = mkdtempSync(join(tmpdir(), "skypanel-stack-"))
afterAll(() => rmSync(folder, { recursive: true }))

const file = {
  name: "shop",
  title: "Shop",
  description: "A shop.",
  icon: "icon.svg",
  services: {
    db: { template: "postgresql", port: 5432, secrets: ["password"] },
    worker: { expressionFile: "worker.nix", port: 9000, needs: ["db"] },
  },
}

const write = (part: object = {}, expression = "{ pkgs, ... }:\npkgs.hello\n") => {
  writeFileSync(join(folder, "stack.json"), JSON.stringify({ ...file, ...part }))
  writeFileSync(join(folder, "worker.nix"), expression)
  writeFileSync(join(folder, "icon.svg"), "<svg/>\n")
}

it("adds the stack of a folder, tries it, offers it and removes it", async () => {
  write()
  expect((await run("stacks", "add", folder)).out).toContain("Version 1 of shop is a draft.")
  expect((await run("stacks", "validate", "shop", "--wait")).out).toBe("Version 1: valid\n")
  expect((await run("stacks", "templates", "log", "shop", "worker")).out).toBe("of worker\n")
  expect((await run("stacks", "publish", "shop")).out).toBe("Version 1 of shop is offered.\n")
  expect((await run("stacks", "templates", "--drafts")).out).toMatch(/shop +organization +1 published/)
  expect((await run("stacks", "templates", "show", "shop")).out).toMatch(
    /worker +Nix expression +9000 .* db\n/,
  )
  const { versions } = JSON.parse((await run("stacks", "templates", "show", "shop", "--json")).out)
  expect(versions[0].definition).toMatchObject({
    icon: "<svg/>\n",
    services: [{ key: "db" }, { source: { _tag: "expression", expression: "{ pkgs, ... }:\npkgs.hello\n" } }],
  })
  expect(await run("stacks", "remove", "shop")).toMatchObject({ code: 2 })
  expect((await run("stacks", "remove", "shop", "--yes")).out).toContain("is removed from the library")
  expect(await run("stacks", "templates", "show", "shop")).toMatchObject({ code: 4 })
})

it("shows for each service why its trial failed, and ends with 1", async () => {
  write({}, "broken")
  await run("stacks", "add", join(folder, "stack.json"))
  const { code, err } = await run("stacks", "validate", "shop", "--wait")
  expect(code).toBe(1)
  expect(err).toMatch(/worker\n {2}.*The Nix expression has a syntax error/)
})

it("refuses a file that is wrong, and names the place", async () => {
  write({ services: { db: { image: "redis", port: 0 } } })
  expect(await run("stacks", "add", folder)).toMatchObject({
    code: 2,
    err: expect.stringContaining("definition.services.db.port: a port is between"),
  })
  expect(await run("stacks", "add", "/dev/zero")).toMatchObject({
    code: 2,
    err: expect.stringContaining("stack.json: it is longer than 512 KiB"),
  })
})

it("shows what a newer version would change, and takes it where that is said", async () => {
  await run("stacks", "create", "mine", "--template", "web-postgres")
  const { out } = await run("stacks", "update", "mine", "--show")
  expect(out).toMatch(/From version 1 to version 2\n\nweb: changed\n[\s\S]*port +8080 +9000\n\+ new\n/)
  expect(out).toContain("skypanel stacks update mine --to 2")
  expect(await run("stacks", "update", "mine", "--show", "--to", "1", "--set", "web.cpu=1")).toMatchObject({
    code: 2,
    out: "",
    err: expect.stringContaining("--show and --set and --to cannot be used together."),
  })
  expect((await run("stacks", "update", "mine", "--to", "2")).code).toBe(0)
  expect(platform().state.requests).toContain("to 2")
})
