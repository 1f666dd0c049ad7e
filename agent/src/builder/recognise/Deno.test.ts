import { describe, expect, test } from "vitest"
import { failure, recognised, start } from "./testing/trees.ts"

describe("a Deno project", () => {
  const run = "deno run --no-lock --cached-only"
  test.each<readonly [string, Record<string, string>, string, ReadonlyArray<string>]>([
    [
      "starts its task",
      { "deno.json": '{"tasks":{"start":"deno run --allow-net main.ts"}}' },
      `${run} --allow-net main.ts`,
      ["deno.json → Deno", `task \`start\` → ${run} --allow-net main.ts`],
    ],
    [
      "starts its main.ts, and has a build",
      { "deno.jsonc": '{ // x\n"tasks": {"build": {"command": "deno task css"},},\n}', "main.ts": "" },
      `${run} --allow-all main.ts`,
      ["deno.jsonc → Deno", "task `build` → deno task css", `main.ts → ${run} --allow-all main.ts`],
    ],
    [
      "serves on the port that it is given",
      { "deno.json": '{"tasks":{"serve":"deno serve -A app.ts"}}', Procfile: "web: deno task serve" },
      "deno serve --no-lock --cached-only --host 0.0.0.0 --port $PORT -A app.ts",
      ["deno.json → Deno", "Procfile, `web` → deno task serve"],
    ],
  ])("%s", (_, files, start, reasoning) => {
    expect(recognised(files)).toMatchObject({ kind: "deno", settings: { start }, reasoning })
  })
  test("with imports that are not in the repository says which, and where", () => {
    const files = {
      "deno.json": '{\n"imports": {\n"a": "./a.ts",\n"@std/path": "jsr:@std/path@1"}}',
      "main.ts": "",
    }
    const found = failure(files)
    expect(found.title).toBe("deno.json, line 4: jsr:@std/path@1 is not in the folder vendor/.")
    expect(found.location).toEqual({ file: "deno.json", line: 4, column: 1 })
    expect(recognised(files, "vendor/").kind).toBe("deno")
  })
  test.each<readonly [string, string, Record<string, string>]>([
    ["Go", "go", { "go.mod": "module x", "main.go": "", "deno.json": '{"fmt":{}}' }],
    ["Python", "python", { "requirements.txt": "flask", "main.py": "", "deno.json": "no JSON" }],
    [
      "Deno, by its task",
      "deno",
      { "go.mod": "module x", "deno.json": '{"tasks":{"start":"deno run a.ts"}}' },
    ],
    [
      "Deno, by its Procfile",
      "deno",
      { "go.mod": "module x", "deno.json": "{}", Procfile: "web: deno run a.ts" },
    ],
  ])("beside another language's files is %s", (_, kind, files) => expect(recognised(files).kind).toBe(kind))
  test("is Node.js where it has a lock file of that", () =>
    expect(
      recognised({ "deno.json": "{}", "package.json": start, "package-lock.json": '{"lockfileVersion":3}' })
        .kind,
    ).toBe("nodejs"))
})
