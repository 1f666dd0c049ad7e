import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, expect, it } from "vitest"
import { usePlatform } from "./usePlatform.ts"

const { run, held } = usePlatform()
const folder = mkdtempSync(join(tmpdir(), "skypanel-template-"))
afterAll(() => rmSync(folder, { recursive: true }))

const file = {
  name: "wiki",
  title: "Wiki",
  description: "A wiki.",
  category: "web",
  icon: "icon.svg",
  port: 8080,
  resources: { cpu: 0.25, memoryBytes: 2 ** 28, storageBytes: 2 ** 26 },
  environment: { LOG: { default: "info", description: "How much it says." } },
  options: {
    greeting: { label: "Greeting", type: "text", required: true },
    level: { type: "number", default: 2, max: 9 },
    key: { type: "secret", variable: "KEY" },
  },
}

const write = (part: object, expression = "{ pkgs, options, ... }:\npkgs.hello\n") => {
  writeFileSync(join(folder, "template.json"), JSON.stringify({ ...file, ...part }))
  writeFileSync(join(folder, "default.nix"), expression)
  writeFileSync(join(folder, "icon.svg"), "<svg/>\n")
  writeFileSync(join(folder, "large.svg"), "x".repeat(20_000))
}

it("adds the template of a folder, tries it, offers it and removes it", async () => {
  write({})
  expect((await run("templates", "add", folder)).out).toContain("Version 1 of wiki is a draft.")
  expect(await run("templates", "publish", "wiki")).toMatchObject({ code: 4 })
  expect((await run("templates", "validate", "wiki", "--wait")).out).toBe("Version 1: valid\n")
  expect((await run("templates", "log", "wiki")).out).toBe("evaluating\nbuilding\n")
  expect((await run("templates", "publish", "wiki")).out).toBe("Version 1 of wiki is offered.\n")
  expect((await run("templates", "list", "--drafts")).out).toMatch(/wiki +organization +1 published/)
  const { out } = await run("templates", "show", "wiki")
  expect(out).toContain("Version 1: published")
  expect(out).toMatch(/greeting +text +yes +—/)
  expect(out).toMatch(/level +number +2/)
  expect(out).toMatch(/variables +LOG=info/)
  expect(out).toContain("  { pkgs, options, ... }:\n  pkgs.hello\n")
  const { versions } = JSON.parse((await run("templates", "show", "wiki", "--json")).out)
  expect(versions[0].definition).toMatchObject({ icon: "<svg/>\n", healthPath: null })
  expect(await run("templates", "remove", "wiki")).toMatchObject({ code: 2 })
  expect((await run("templates", "remove", "wiki", "--yes")).out).toContain("is removed")
  expect(await run("templates", "show", "wiki")).toMatchObject({ code: 4 })
})

it("shows why a trial failed, and ends with 1", async () => {
  write({}, "broken")
  await run("templates", "add", join(folder, "template.json"))
  const { code, err } = await run("templates", "validate", "wiki", "--wait")
  expect(code).toBe(1)
  expect(err).toContain("The Nix expression has a syntax error")
  expect(err).toContain("at default.nix, line 3, column 2")
})

it.each([
  [{ port: 0 }, "definition.port: a port is between 1 and 65535"],
  [{ options: [] }, "options: write an object with an object for each name"],
  [{ icon: "none.svg" }, /icon: there is no file .*none\.svg/],
  [{ icon: "large.svg" }, "icon: it is longer than 16 KiB"],
  [{ icon: "../elsewhere/icon.svg" }, "icon: name a file beside template.json"],
])("refuses a file that is wrong: %j", async (part, words) => {
  write(part)
  const { code, err } = await run("templates", "add", folder)
  expect(code).toBe(2)
  expect(err).toMatch(words)
})

it("shows what a newer version would change, and updates a service to it", async () => {
  await run("deploy", "hello", "--template", "nodejs", "--wait")
  write({})
  await run("templates", "add", folder)
  expect((await run("templates", "diff", "wiki", "1", "2")).out).toMatch(
    /From version 1 to version 2[\s\S]*greeting +— +text, needed[\s\S]*Configuration: the same\.[\s\S]*\n- old\n\+ new\n/,
  )
  expect((await run("templates", "update", "hello", "--show")).out).toContain("From version 1 to version 2")
  for (const more of [
    ["--to", "1"],
    ["--option", "greeting=hi"],
  ])
    expect(await run("templates", "update", "hello", "--show", ...more)).toMatchObject({
      code: 2,
      out: "",
      err: expect.stringContaining(`--show and ${more[0]} cannot be used together.`),
    })
  expect((await run("templates", "update", "hello", "--option", "greeting=hi")).code).toBe(0)
  expect(held("hello").service.source).toMatchObject({ version: 2, options: { greeting: "hi" } })
  expect(await run("deploy", "hello", "--option", "a=b")).toMatchObject({ code: 2 })
})
