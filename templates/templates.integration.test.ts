import { execFileSync } from "node:child_process"
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { failureOf, templatesFolder } from "../nixos/embedded/evaluation.ts"
import { bare, build, buildTemplate, describeFolder, folderWith, usePreparedSet } from "./building.ts"
import { startInSealedRoot } from "./sealed-root.ts"

usePreparedSet()

const names = ["nodejs", "python", "go", "static"] as const

const aboutOf = (name: string) =>
  JSON.parse(readFileSync(join(templatesFolder, name, "template.json"), "utf8"))

describe.each(names)("the template %s", (name) => {
  it("says everything about itself", () => {
    const about = aboutOf(name)
    expect(about).toEqual({
      name,
      title: expect.stringMatching(/\S/),
      description: expect.stringMatching(/\.$/),
      version: expect.stringMatching(/^\d+\.\d+\.\d+$/),
      category: expect.stringMatching(/^[a-z]+$/),
      icon: "icon.svg",
      port: expect.any(Number),
      healthPath: "/health",
      resources: {
        cpu: expect.any(Number),
        memoryBytes: expect.any(Number),
        storageBytes: expect.any(Number),
      },
      environment: expect.any(Object),
      options: {},
    })
    for (const variable of Object.values(about.environment)) {
      expect(variable).toEqual({ default: expect.any(String), description: expect.stringMatching(/\.$/) })
    }
    expect(readFileSync(join(templatesFolder, name, about.icon), "utf8")).toMatch(
      /^<svg[^>]*viewBox[\s\S]*<\/svg>\n$/,
    )
  })

  it("answers over HTTP from a root that holds nothing but its closure, and ends at SIGTERM", async () => {
    const { program, closure } = await buildTemplate(name)
    const running = await startInSealedRoot(program, closure, {
      readyPath: aboutOf(name).healthPath,
      environment: { GREETING: "Grüezi <b>" },
    })
    try {
      const page = await running.get("/", { "accept-encoding": "gzip" })
      expect(page.status).toBe(200)
      expect(page.headers.get("content-type")).toBe("text/html; charset=utf-8")
      const text = await page.text()
      expect(text).toContain(name === "static" ? "<h1>A static site</h1>" : "Grüezi &")
      expect(text).not.toContain("<b>")
      expect((await running.get("/nothing-here")).status).toBe(404)
      expect(running.output()).toMatch(/GET \/ 200/)
    } finally {
      const { code, milliseconds } = await running.stop()
      expect(code).toBe(0)
      expect(milliseconds).toBeLessThan(5000)
    }
  })

  it("has no interpreter, shell or build tool in its closure that it does not run", async () => {
    const closure = bare((await buildTemplate(name)).closure)
    const shells = name === "static" ? ["bash"] : []
    const unwanted = ["bash", "coreutils", "nodejs", "stdenv-embedded", "npm", "nginx", "python3", "go"]
    const own = { nodejs: ["nodejs"], python: ["python3", "python"], go: ["go"], static: ["nginx"] }[name]
    if (name === "go") expect(closure).toEqual(["go", "go-programs"])
    else expect(closure).toContain("glibc")
    const allowed: ReadonlyArray<string> = [...shells, ...own]
    expect(closure.filter((each) => unwanted.includes(each) && !allowed.includes(each))).toEqual([])
  })

  it("changes one small store path when one line of its source changes", async () => {
    const file = { nodejs: "server.js", python: "app.py", go: "main.go", static: "index.html" }[name]
    const change = (text: string) => folderWith(name, { [file]: text }, name)
    const text = readFileSync(join(templatesFolder, name, "source", file), "utf8")
    const before = await build(describeFolder(name, change(text)))
    const after = await build(describeFolder(name, change(text.replace(/(ealth|static site)/, "$1y"))))
    const added = after.closure.filter((path) => !before.closure.includes(path))
    const bytes = added.map((path) =>
      Number(execFileSync("du", ["-sb", path], { encoding: "utf8" }).split("\t")[0]),
    )
    expect(after.output).not.toBe(before.output)
    expect(bare(added)).toEqual(
      {
        nodejs: ["service"],
        python: ["service"],
        go: ["service", "service-programs"],
        static: ["service", "service-files"],
      }[name],
    )
    expect(bytes.reduce((sum, each) => sum + each, 0)).toBeLessThan(name === "go" ? 10_000_000 : 100_000)
  })
})

describe("a static site", () => {
  it("is compressed, and asked for again by its release", async () => {
    const { program, closure } = await buildTemplate("static")
    const running = await startInSealedRoot(program, closure, { readyPath: "/health" })
    try {
      const first = await running.get("/style.css", { "accept-encoding": "gzip" })
      expect(first.headers.get("content-encoding")).toBe("gzip")
      expect(first.headers.get("cache-control")).toBe("no-cache")
      expect(first.headers.get("last-modified")).toBeNull()
      const tag = first.headers.get("etag") ?? ""
      const again = await running.get("/style.css", { "if-none-match": tag })
      expect([again.status, await again.text()]).toEqual([304, ""])
      const other = await running.get("/style.css", { "if-none-match": '"another"' })
      expect(other.status).toBe(200)
    } finally {
      await running.stop()
    }
  })

  it("without index.html is refused", async () => {
    const folder = folderWith("empty", { "readme.txt": "x" })
    expect(await failureOf(describeFolder("static", folder))).toContain("there is no index.html")
  })
})

it("the folder holds the four templates, the shared builders and the stacks", () => {
  const folders = readdirSync(templatesFolder, { withFileTypes: true }).filter((entry) => entry.isDirectory())
  expect(folders.map((entry) => entry.name).sort()).toEqual(["builders", "stacks", ...names].sort())
})
