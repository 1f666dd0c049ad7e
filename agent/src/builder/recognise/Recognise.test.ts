import { Result } from "effect"
import fc from "fast-check"
import { describe, expect, test } from "vitest"
import type { SourceTree } from "../SourceTree.ts"
import { procfileProcesses } from "./Procfile.ts"
import { recognise } from "./Recognise.ts"
import type { Offer } from "./Recognised.ts"

const offer: Offer = {
  name: "a set",
  node: [22, 24],
  python: "3.11",
  npmRegistry: "https://registry.example.org",
  cpu: "x64",
}

/** A tree with these files, and with the folders that they are in. */
const treeOf = (files: Record<string, string>, ...others: ReadonlyArray<string>): SourceTree => {
  const paths = new Set<string>()
  for (const path of [...Object.keys(files), ...others]) {
    const parts = path.split("/")
    for (let end = 1; end < parts.length; end++) paths.add(`${parts.slice(0, end).join("/")}/`)
    if (!path.endsWith("/")) paths.add(path)
  }
  return { paths, files }
}
const recognised = (files: Record<string, string>, ...others: ReadonlyArray<string>) => {
  const found = recognise(treeOf(files, ...others), offer)
  if (Result.isFailure(found)) throw new Error(JSON.stringify(found.failure.failure))
  return found.success
}
const failure = (files: Record<string, string>, ...others: ReadonlyArray<string>) => {
  const found = recognise(treeOf(files, ...others), offer)
  if (Result.isSuccess(found)) throw new Error(`recognised: ${found.success.reasoning.join("; ")}`)
  return found.failure.failure
}
const start = JSON.stringify({ scripts: { start: "node server.js" } })
const needsExpress = JSON.stringify({ ...JSON.parse(start), dependencies: { express: "5" } })

describe("the reasoning of", () => {
  test.each<readonly [string, Record<string, string>, string, ReadonlyArray<string>]>([
    [
      "a flake, before all else",
      { "flake.nix": "", "package.json": start },
      "flake",
      ["flake.nix → its default package"],
    ],
    ["default.nix", { "default.nix": "", "go.mod": "module x" }, "nix", ["default.nix → what it gives"]],
    [
      "npm's start script",
      { "package.json": start, "package-lock.json": "{}" },
      "nodejs",
      ["package.json → Node.js", "package-lock.json → npm", "script `start` → node server.js"],
    ],
    [
      "a Procfile, before a start script",
      {
        "package.json": start,
        "npm-shrinkwrap.json": "{}",
        Procfile: "release: true\nweb:  node web.js  \n",
      },
      "nodejs",
      [
        "package.json → Node.js",
        "npm-shrinkwrap.json → npm",
        "Procfile, `web` → node web.js",
        "`release` → known, not started by this service",
      ],
    ],
    [
      "a build script, and the server.js that it needs no start script for",
      { "package.json": '{"scripts":{"build":"tsc"}}', "package-lock.json": "{}", "server.js": "" },
      "nodejs",
      [
        "package.json → Node.js",
        "package-lock.json → npm",
        "script `build` → tsc",
        "server.js → node server.js",
      ],
    ],
    [
      "a package.json's main",
      { "package.json": '{"main":"lib/a.js"}', "package-lock.json": "{}" },
      "nodejs",
      ["package.json → Node.js", "package-lock.json → npm", "`main` → node lib/a.js"],
    ],
    [
      "a package.json for assets of a Python service",
      { "package.json": start, "requirements.txt": "flask", "app.py": "" },
      "python",
      ["requirements.txt → Python, 1 dependency", "app.py → python app.py"],
    ],
    [
      "Python with a Procfile",
      { "pyproject.toml": "", Procfile: "web: gunicorn app:app" },
      "python",
      ["pyproject.toml → Python, 0 dependencies", "Procfile, `web` → gunicorn app:app"],
    ],
    [
      "a Go module with its dependencies",
      { "go.mod": "module x\n\ngo 1.22\n\nrequire a v1.0.0\n", "vendor/modules.txt": "" },
      "go",
      [
        "go.mod → a Go module for Go 1.22",
        "vendor → its dependencies",
        "nothing says how it starts → its one program is started",
      ],
    ],
    ["a page", { "index.html": "<p>" }, "static", ["index.html → served as files"]],
  ])("%s", (_, files, kind, reasoning) => {
    expect(recognised(files)).toMatchObject({ kind, reasoning })
  })
})

describe("a lock file", () => {
  const empty = {
    "package-lock.json": '{"lockfileVersion":3}',
    "yarn.lock": "# yarn lockfile v1",
    "pnpm-lock.yaml": "lockfileVersion: '9.0'",
    "bun.lock": '{"lockfileVersion":1,"packages":{}}',
  }
  const reason = (files: Record<string, string>) => recognised(files).reasoning[1]
  test.each([
    ["package-lock.json", "npm", "package-lock.json, version 3 → npm"],
    ["yarn.lock", "yarn", "yarn.lock, version 1 → yarn, 0 packages"],
    ["pnpm-lock.yaml", "pnpm", "pnpm-lock.yaml, version 9.0 → pnpm, 0 packages"],
    ["bun.lock", "bun", "bun.lock, version 1 → bun, 0 packages"],
  ] as const)("%s says which package manager it is", (name, manager, expected) => {
    expect(reason({ "package.json": start, [name]: empty[name] })).toBe(expected)
    const named = JSON.stringify({ scripts: { start: "x" }, packageManager: `${manager}@1.0.0` })
    expect(reason({ ...empty, "package.json": named })).toBe(expected)
  })
  test("of npm is taken before others, unless the package.json names their package manager", () => {
    expect(reason({ ...empty, "package.json": start })).toContain("→ npm")
    const { "package-lock.json": _, ...others } = empty
    expect(reason({ ...others, "package.json": start })).toContain("→ pnpm")
  })
  test("is not needed where nothing is depended on", () => {
    const { kind, reasoning, settings } = recognised({ "package.json": start })
    expect([kind, reason({ "package.json": start })]).toEqual([
      "nodejs",
      "no dependencies → nothing to install",
    ])
    expect(reasoning).toHaveLength(3)
    expect(settings).toMatchObject({ member: "", modules: { tarballs: [], members: [] } })
  })
  test("around a member of a workspace is its own, and in no other folder", () => {
    const files = {
      "skypanel.toml": '[build]\npath = "apps/web"',
      "package.json": '{"workspaces":["apps/*","!apps/old"]}',
      "yarn.lock": empty["yarn.lock"],
      "apps/web/package.json": start,
      "apps/old/package.json": needsExpress,
      "other/package.json": needsExpress,
    }
    expect(recognised(files)).toMatchObject({
      folder: "",
      settings: { member: "apps/web" },
      reasoning: expect.arrayContaining(["workspace → apps/web"]),
    })
    for (const path of ["apps/old", "other"])
      expect(failure({ ...files, "skypanel.toml": `[build]\npath = "${path}"` }).title).toContain(
        "no lock file",
      )
    expect(failure({ ...files, "skypanel.toml": "" }).next).toContain('`path = "apps/web"`')
  })
  test("of Yarn 2 is refused, and every other one beside it taken", () => {
    const files = {
      "package.json": JSON.stringify({ scripts: { start: "x" }, packageManager: "yarn@4.5.0" }),
      "yarn.lock": "# x\n\n__metadata:\n  version: 8\n",
    }
    expect(failure(files)).toMatchObject({ location: { file: "yarn.lock", line: 3 } })
    expect(failure(files).next).toContain("package-lock.json")
    expect(reason({ ...files, "package-lock.json": empty["package-lock.json"] })).toContain("→ npm")
  })
  test("of Bun that is binary is not read", () =>
    expect(failure({ "package.json": needsExpress }, "bun.lockb").next).toContain("--save-text-lockfile"))
  test.each([
    ["bun src/index.ts", false],
    ["bun --hot server.ts", false],
    ["bun run serve", false],
    ["bun run web", true],
    ["node bun.js", true],
  ])("of Bun does not start by Bun itself: %s", (command, isStarted) => {
    const files = {
      "package.json": JSON.stringify({ scripts: { start: command, serve: "bun x.ts", web: "node x.ts" } }),
      "bun.lock": empty["bun.lock"],
    }
    if (isStarted) return void recognised(files)
    expect(failure(files).title).toContain("started by Bun itself")
  })
  test("that is too large to be looked at says so", () =>
    expect(failure({ "package.json": start }, "yarn.lock").title).toBe("yarn.lock is larger than 4 MiB."))
  test("of pnpm 10 lets only those scripts run that the project allows", () => {
    const scripts = (manifest: object, yaml = "") =>
      (
        recognised({
          "package.json": JSON.stringify({ scripts: { start: "x" }, ...manifest }),
          "pnpm-lock.yaml": empty["pnpm-lock.yaml"],
          "pnpm-workspace.yaml": yaml,
        }).settings.modules as { readonly scripts: unknown }
      ).scripts
    expect(scripts({ packageManager: "pnpm@9.1.0" })).toBeNull()
    expect(scripts({ packageManager: "pnpm@10.1.0" })).toEqual([])
    expect(scripts({ pnpm: { onlyBuiltDependencies: ["esbuild"] } })).toEqual(["esbuild"])
    expect(scripts({}, "onlyBuiltDependencies:\n  - sharp\n")).toEqual(["sharp"])
  })
})

describe("a site of Node.js", () => {
  const siteOf = (
    dependency: string,
    files: Record<string, string> = {},
    scripts: Record<string, string> = {},
    more: Record<string, string> = {},
  ) =>
    recognised({
      "package.json": JSON.stringify({
        scripts: { build: "x build", ...scripts },
        devDependencies: { [dependency]: "1", ...more },
      }),
      "package-lock.json": '{"lockfileVersion":3}',
      ...files,
    })
  test.each<readonly [string, string, Record<string, string>, Record<string, string>, string, string | null]>(
    [
      ["of Vite", "vite", {}, {}, "dist", "index.html"],
      [
        "of Vite in another folder",
        "vite",
        { "vite.config.ts": "build: { outDir: './out/' }" },
        {},
        "out",
        "index.html",
      ],
      ["of Vite with several pages", "vite", { "vite.config.js": 'appType: "mpa"' }, {}, "dist", null],
      [
        "whose folder would lead out",
        "vite",
        { "vite.config.js": 'outDir: "../x"' },
        {},
        "dist",
        "index.html",
      ],
      ["with a start that is for development", "vite", {}, { start: "vite --host" }, "dist", "index.html"],
      [
        "of Astro",
        "astro",
        { "astro.config.mjs": "export default {}" },
        { start: "astro dev" },
        "dist",
        null,
      ],
      [
        "of SvelteKit",
        "@sveltejs/adapter-static",
        { "svelte.config.js": "adapter({ pages: 'site', fallback: '200.html' })" },
        {},
        "site",
        "200.html",
      ],
      ["of Next.js, exported", "next", { "next.config.mjs": 'output: "export"' }, {}, "out", null],
      ["of Create React App", "react-scripts", {}, { start: "react-scripts start" }, "build", "index.html"],
      ["of Docusaurus", "@docusaurus/core", {}, { start: "docusaurus start" }, "build", null],
      ["of Eleventy", "@11ty/eleventy", {}, {}, "_site", null],
    ],
  )("%s", (_, dependency, files, scripts, folder, fallback) => {
    const { settings, reasoning } = siteOf(dependency, files, scripts)
    expect(settings).toMatchObject({ site: { folder, fallback }, start: null })
    expect(reasoning).toContain(`${dependency} → a site in ${folder}`)
  })
  test("in a folder that only the build shows", () => {
    const { settings, reasoning } = siteOf("some-generator")
    expect(settings.site).toEqual({ folder: null, fallback: null })
    expect(reasoning.at(-1)).toBe(
      "script `build`, and nothing that starts → a site in the folder that it writes",
    )
  })
  test("in a folder of its skypanel.toml", () => {
    const toml = '[static]\nfolder = "a/b"\nfallback = "app.html"'
    expect(siteOf("x", { "skypanel.toml": toml }, { start: "node ." }).settings.site).toEqual({
      folder: "a/b",
      fallback: "app.html",
    })
  })
  test.each<
    readonly [string, string, Record<string, string>, Record<string, string>, Record<string, string>]
  >([
    ["starts otherwise", "vite", {}, { start: "node server.js" }, {}],
    ["has a server.js and nothing else that starts", "vite", { "server.js": "" }, {}, {}],
    ["has a Procfile", "vite", { Procfile: "web: node x.js" }, {}, {}],
    [
      "has an express server for Vite",
      "vite",
      { "server.js": "" },
      { build: "", start: "node server.js" },
      {},
    ],
    [
      "renders on a server with Astro",
      "astro",
      { "astro.config.mjs": "output: 'server'" },
      { start: "node d" },
      {},
    ],
    ["renders on a server with SvelteKit", "vite", {}, { start: "node build" }, { "@sveltejs/kit": "2" }],
    ["is Next.js", "next", {}, { start: "next start" }, {}],
  ])("is none when it %s", (_, dependency, files, scripts, more) => {
    expect(siteOf(dependency, files, scripts, more).settings.site).toBeNull()
  })
})

describe("the version of Node.js", () => {
  const withNode = (files: Record<string, string>, engines?: string) => ({
    "package.json": JSON.stringify({ scripts: { start: "node ." }, engines: { node: engines } }, null, 1),
    "package-lock.json": "{}",
    ...files,
  })
  test.each<readonly [string, Record<string, string>, string | undefined, number, string | null]>([
    ["is the newest when nobody asks", {}, undefined, 24, null],
    ["is the newest that `engines` allows", {}, ">=18", 24, "`engines.node` (>=18) → Node.js 24"],
    ["is of `engines`' major", {}, "22.x", 22, "`engines.node` (22.x) → Node.js 22"],
    ["is below a bound", {}, ">=20 <24", 22, "`engines.node` (>=20 <24) → Node.js 22"],
    ["is one of several", {}, "^18 || ^22.3.1", 22, "`engines.node` (^18 || ^22.3.1) → Node.js 22"],
    ["is near an exact one", {}, "22.1.0", 22, "`engines.node` (22.1.0) → Node.js 22"],
    ["comes from .nvmrc", { ".nvmrc": "v22.11.0\n" }, undefined, 22, ".nvmrc (v22.11.0) → Node.js 22"],
    ["comes from a code name", { ".nvmrc": "# x\nlts/jod" }, undefined, 22, ".nvmrc (lts/jod) → Node.js 22"],
    ["comes from lts/*", { ".nvmrc": "lts/*" }, undefined, 24, ".nvmrc (lts/*) → Node.js 24"],
    ["comes from .node-version", { ".node-version": "24" }, undefined, 24, ".node-version (24) → Node.js 24"],
    [
      "comes from skypanel.toml first",
      { "skypanel.toml": '[build]\nnode = "22"', ".nvmrc": "24" },
      "24",
      22,
      "skypanel.toml, [build] node (22) → Node.js 22",
    ],
  ])("%s", (_, files, engines, major, reason) => {
    const found = recognised(withNode(files, engines))
    expect(found.settings.nodeMajor).toBe(major)
    expect(found.reasoning.filter((line) => line.includes("Node.js 2"))).toEqual(
      reason === null ? [] : [reason],
    )
  })
  test.each<readonly [string, Record<string, string>, string | undefined, string, number]>([
    ["`engines`", {}, "^16", "package.json", 5],
    ["a range that is none", {}, "sixteen", "package.json", 5],
    [".nvmrc", { ".nvmrc": "lts/hydrogen" }, undefined, ".nvmrc", 1],
    ["skypanel.toml", { "skypanel.toml": '[build]\nnode = "16"' }, undefined, "skypanel.toml", 2],
  ])("that is not there is told with what there is, for %s", (_, files, engines, file, line) => {
    const found = failure(withNode(files, engines))
    expect(found.location).toEqual({ file, line, column: 1 })
    expect(found.next).toContain("Node.js 22, Node.js 24")
  })
})

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

describe("a Python project", () => {
  const both = "flask\nfastapi\ngunicorn>=20\nuvicorn[standard]==0.30 ; python_version > '3'\n"
  test.each<readonly [string, Record<string, string>, string, string]>([
    [
      "starts the script of its name",
      {
        "pyproject.toml":
          '[project]\nname = "shop"\n[project.scripts]\nadmin = "shop.admin:main"\nshop = "shop.web:main"\n',
        "main.py": "",
      },
      "python3 -c 'from shop.web import main as main; main()'",
      "script `shop` of pyproject.toml → shop.web:main",
    ],
    [
      "starts Poetry's script",
      { "pyproject.toml": '[tool.poetry.scripts]\nserve = "a:run"\n', "poetry.lock": "" },
      "python3 -c 'from a import run as main; main()'",
      "script `serve` of pyproject.toml → a:run",
    ],
    [
      "starts its main.py before a script of another name",
      { "pyproject.toml": '[project]\nname = "shop"\n[project.scripts]\nlint = "a:run"\n', "main.py": "" },
      "python main.py",
      "main.py → python main.py",
    ],
    [
      "is Django with gunicorn",
      { "requirements.txt": "Django\ngunicorn", "manage.py": "", "shop/wsgi.py": "" },
      "gunicorn shop.wsgi",
      "manage.py, shop/wsgi.py → Django, gunicorn shop.wsgi",
    ],
    [
      "is Django without a server",
      { "requirements.txt": "Django", "manage.py": "", "shop/wsgi.py": "" },
      "python3 manage.py runserver --noreload 0.0.0.0:$PORT",
      "manage.py, no gunicorn among the dependencies → Django's own server, which is for development",
    ],
    [
      "is Flask with gunicorn",
      { "requirements.txt": both, "app.py": "import flask\nsite = flask.Flask(__name__)\n" },
      "gunicorn app:site",
      "app.py, Flask as `site` → gunicorn app:site",
    ],
    [
      "is FastAPI with uvicorn",
      { "requirements.txt": both, "main.py": "api: FastAPI = FastAPI(title='x')\n" },
      "uvicorn main:api --host 0.0.0.0 --port $PORT",
      "main.py, FastAPI as `api` → uvicorn main:api --host 0.0.0.0 --port $PORT",
    ],
    [
      "is Flask that serves itself",
      { "requirements.txt": "flask", "app.py": "app = Flask(__name__)\napp.run()\n" },
      "python app.py",
      "app.py → python app.py",
    ],
  ])("%s", (_, files, start, reason) => {
    expect(recognised(files)).toMatchObject({ kind: "python", settings: { start } })
    expect(recognised(files).reasoning).toContain(reason)
  })
  test.each([
    [
      "a Pipfile.lock",
      {
        "Pipfile.lock": JSON.stringify({
          default: { flask: { version: "==2.2.2" }, six: {} },
          develop: { pytest: {} },
        }),
      },
      ["flask==2.2.2", "six"],
    ],
    [
      "a setup.cfg",
      { "setup.cfg": "[options]\ninstall_requires =\n    flask>=2  # x\n    six\npackages = find:\n" },
      ["flask>=2", "six"],
    ],
    [
      "a pyproject.toml, with the versions of its uv.lock",
      {
        "pyproject.toml": '[project]\nname = "shop"\ndependencies = ["Flask>=2", "six"]\n',
        "uv.lock":
          'version = 1\n[[package]]\nname = "flask"\nversion = "3.0.3"\n[[package]]\nname = "jinja2"\nversion = "3.1.0"\n',
      },
      ["flask==3.0.3"],
    ],
  ])("has its dependencies from %s", (_, files, requirements) => {
    const found = recognised({ ...files, "main.py": "" })
    expect(found.settings.requirements).toEqual(requirements)
    expect(found.reasoning[0]).toContain("Python, 2 dependencies")
  })
  test.each<readonly [string, string, Record<string, string>]>([
    [
      "a setup.cfg for tools",
      "go",
      { "setup.cfg": "[bumpversion]\ncurrent_version = 1", "go.mod": "module x" },
    ],
    ["a setup.cfg for tools beside a page", "static", { "setup.cfg": "[flake8]", "index.html": "" }],
    ["a lock file alone", "go", { "uv.lock": "", "go.mod": "module x" }],
  ])("is not there for %s", (_, kind, files) => expect(recognised(files).kind).toBe(kind))
  test("has no dependency on the file that its setup.cfg names", () => {
    const files = {
      "setup.cfg": "[options]\ninstall_requires = file: requirements.txt\n",
      "requirements.txt": "flask",
      "main.py": "",
    }
    expect(recognised(files).settings.requirements).toEqual([])
    expect(recognised(files).reasoning[0]).toContain("Python, 1 dependency")
  })
  test.each([
    [">=3.9", true],
    [">=3.11,<4", true],
    ["==3.11.*", true],
    ["^3.10", true],
    ["~=3.11.2", true],
    ["!=3.9.0,>=3.8", true],
    [">=3.12", false],
    ["==3.10.*", false],
    ["~=3.10.0", false],
    ["no range at all", true],
  ])("that requires Python %s is built with 3.11: %s", (range, isBuilt) => {
    const files = { "pyproject.toml": `[project]\nname = "x"\nrequires-python = "${range}"\n`, "main.py": "" }
    if (isBuilt) return void recognised(files)
    const found = failure(files)
    expect(found.location).toEqual({ file: "pyproject.toml", line: 3, column: 1 })
    expect(found.next).toContain("Python 3.11")
  })
  test("with a .python-version of another one says what there is", () =>
    expect(failure({ "requirements.txt": "", "main.py": "", ".python-version": "3.12.1\n" })).toMatchObject({
      location: { file: ".python-version", line: 1 },
    }))
  test("with a pyproject.toml that is none says in which line", () =>
    expect(failure({ "pyproject.toml": "[project]\nname = x", "main.py": "" })).toMatchObject({
      location: { file: "pyproject.toml", line: 2 },
    }))
})

describe("a skypanel.toml", () => {
  test.each<readonly [string, string, Record<string, string>, object]>([
    [
      "builds another folder",
      '[build]\npath = "apps/web/"',
      { "apps/web/index.html": "", "index.html": "" },
      {
        kind: "static",
        folder: "apps/web",
        reasoning: ["skypanel.toml, [build] path → apps/web", "index.html → served as files"],
      },
    ],
    [
      "decides between two kinds",
      '[build]\nkind = "go"',
      { "package.json": start, "package-lock.json": "{}", "go.mod": "module x" },
      { kind: "go", reasoning: expect.arrayContaining(["skypanel.toml, [build] kind → go"]) },
    ],
    [
      "starts with its own command, before the Procfile",
      '[start]\ncommand = "node x.js"',
      { "package.json": start, "package-lock.json": "{}", Procfile: "web: node y.js" },
      { settings: { start: "node x.js" } },
    ],
    [
      "starts another process of the Procfile",
      '[start]\nprocess = "worker"',
      { "go.mod": "module x", Procfile: "web: a\nworker: b --all\nclock: c" },
      {
        settings: { start: "b --all" },
        reasoning: [
          "go.mod → a Go module",
          "no `require` → no dependencies",
          "skypanel.toml, [start] process → worker",
          "Procfile, `worker` → b --all",
          "`web`, `clock` → known, not started by this service",
        ],
      },
    ],
    [
      "has processes of its own",
      '[processes]\nweb = "serve"\n"queue-1" = "work"',
      { "go.mod": "module x", Procfile: "web: other" },
      { settings: { start: "serve" }, reasoning: expect.arrayContaining(["skypanel.toml, `web` → serve"]) },
    ],
    [
      "serves a folder, with a page for every path",
      '[static]\nfolder = "site/out"\nfallback = "index.html"',
      { "site/out/index.html": "" },
      { kind: "static", settings: { folder: "site/out", fallback: "index.html" } },
    ],
  ])("%s", (_, toml, files, expected) => {
    expect(recognised({ ...files, "skypanel.toml": toml })).toMatchObject(expected)
  })

  test.each<readonly [string, string, number, string, string]>([
    ["no TOML", '[build]\npath = "a', 2, "it is not TOML", "quotes"],
    ["an unknown table", '\n[bild]\npath = "a"', 2, "no “bild”", "[build], [start], [static], [processes]"],
    ["a value where a table belongs", 'build = "x"', 1, "“build” is not a table", "[build]"],
    [
      "an unknown key",
      '[start]\nprocess = "web"\n[build]\n# x\npth = "a"',
      5,
      "[build] has no “pth”",
      "path, kind, command, node",
    ],
    ["an unknown key in one line", '\nbuild = { pth = "a" }', 2, "[build] has no “pth”", "path, kind"],
    ["an unknown key with dots", '\nbuild.pth = "a"', 2, "[build] has no “pth”", "path, kind"],
    ["a wrong kind", '[build]\nkind = "cobol"', 2, "“kind” of [build] is not one of", '"nodejs"'],
    ["a path that leads out", '[build]\npath = "a/../../b"', 2, "“path” of [build]", "without .."],
    ["an absolute path", '[static]\nfolder = "/etc"', 2, "“folder” of [static]", "without a leading /"],
    ["a folder that is not there", '[build]\n\npath = "apps/web"', 3, "no folder “apps/web”", "from the top"],
    ["a number as version", "[build]\nnode = 24", 2, "“node” of [build] is not a version", '"24"'],
    ["a command of two lines", '[start]\ncommand = """a\nb"""', 2, "“command” of [start]", "one line"],
    ["an unknown process", '[start]\nprocess = "clock"', 2, "no process “clock”", "There are web."],
    ["a name that is none", '[processes]\n"a b" = "x"', 2, "[processes] has no “a b”", "letters"],
    ["a prototype's name", '[build]\nconstructor = "x"', 2, "[build] has no “constructor”", "path"],
  ])("with %s says in which line, and what is allowed", (_, toml, line, title, next) => {
    const found = failure({ "index.html": "", Procfile: "web: a", "skypanel.toml": toml })
    expect(found.location).toEqual({ file: "skypanel.toml", line, column: 1 })
    expect(found.title).toContain(`skypanel.toml, line ${line}: `)
    expect(found.title).toContain(title)
    expect(found.next).toContain(next)
  })

  test("that is far too long", () =>
    expect(failure({ "skypanel.toml": "#".repeat(70_000) }).title).toContain("longer than 64 KiB"))
  test("that asks for what is not there says what was looked for", () => {
    const found = failure({ "index.html": "", "skypanel.toml": '[build]\nkind = "python"' })
    expect(found.title).toContain("as python")
    expect(found.detail).toContain("requirements.txt")
    expect(found.detail).not.toContain("go.mod,")
  })
})

describe("a repository is not recognised", () => {
  test("with nothing known: what was looked for and what was found", () => {
    const { code, detail } = failure({}, "README.md", "src/", ".git/")
    expect(code).toBe("source-not-recognised")
    expect(detail).toContain("package.json with its lock file")
    expect(detail).toContain("Found README.md, src/")
    expect(failure({}).detail).toContain("Found nothing")
  })
  test("of Go without its vendor folder, with the line that asks for it", () => {
    const found = failure({ "go.mod": "module x\n\nrequire a v1.0.0\n" })
    expect(found.next).toContain("go mod vendor")
    expect(found.location).toEqual({ file: "go.mod", line: 3, column: 1 })
  })
  test.each([
    ["Rust", "Cargo.toml"],
    ["PHP", "composer.json"],
    ["Ruby", "Gemfile"],
  ])("in %s, by its name", (name, file) => {
    const found = failure({ [file]: "", "src/main.x": "" })
    expect(found.title).toBe(`${file} says that this is ${name}, which is not built from its own files yet.`)
    expect(found).toMatchObject({ location: { file, line: 1 }, detail: "The package set here is a set." })
    expect(recognised({ [file]: "", "default.nix": "" }).kind).toBe("nix")
  })
  test("without a lock file", () => {
    const files = { "package.json": needsExpress }
    expect(failure(files)).toMatchObject({ code: "source-not-recognised" })
    expect(failure(files).title).toContain("package-lock.json")
  })
  test("with a start command that nobody can read", () =>
    expect(failure({ "go.mod": "", Procfile: `web: ${"x".repeat(600)}` }).title).toContain("Procfile"))
  test("with a package.json that is no JSON, with its line", () => {
    const found = failure({ "package.json": '{\n"a": 1,\n}', "package-lock.json": "" })
    expect(found.title).toContain("not valid JSON")
    expect(found.location).toEqual({ file: "package.json", line: 3, column: 1 })
  })
  test("when nothing says how it starts", () => {
    expect(failure({ "package.json": "{}", "package-lock.json": "{}" })).toMatchObject({ code: "no-command" })
    expect(failure({ "requirements.txt": "" })).toMatchObject({ code: "no-command" })
    expect(failure({ "package.json": '{"main":"; rm -rf /"}', "package-lock.json": "" })).toMatchObject({
      code: "no-command",
    })
  })
})

test("a name of a prototype is nothing that a file has said", () => {
  const yarn = 'a@1:\n  version "1.0.0"\n  constructor:\n    b "1"\n'
  expect(failure({ "package.json": needsExpress, "yarn.lock": yarn }).title).toContain("no integrity")
  const deno = { "deno.json": "{}", Procfile: "web: deno task constructor" }
  expect(recognised(deno).settings.start).toBe("deno task constructor")
})

describe("is done with at once", () => {
  const long = 100_000
  const wants = JSON.stringify({ scripts: { start: "node ." }, dependencies: { a: "1" } })
  const sri = `sha512-${"A".repeat(86)}==`
  const deep = Array.from({ length: 1000 }, () => "a").join("/")
  const many = Object.fromEntries(Array.from({ length: 20_000 }, (_, index) => [`p${index}`, "1"]))
  const bun = (packages: object) => `{"lockfileVersion":1,"packages":${JSON.stringify(packages)}}`
  const workspace = (...globs: ReadonlyArray<string>) => ({
    "package.json": JSON.stringify({ scripts: { start: "node ." }, workspaces: globs }),
    "package-lock.json": '{"lockfileVersion":3,"packages":{}}',
  })
  const members = Object.fromEntries(
    Array.from({ length: 500 }, (_, index) => [`a/b/c/d/e/${index}/package.json`, "{}"]),
  )
  test.each<readonly [string, Record<string, string>]>([
    [
      "newlines in a package-lock.json",
      { "package.json": wants, "package-lock.json": `${"\n".repeat(long)}{}` },
    ],
    ["a text without an end in a bun.lock", { "package.json": wants, "bun.lock": '\\"'.repeat(long) }],
    ["a text without an end in a deno.json", { "deno.json": '\\"'.repeat(long) }],
    [
      "spaces in a yarn.lock",
      { "package.json": wants, "yarn.lock": `a@1:\n  k${" ".repeat(long)}x\u2028y\n  version "1.0.0"\n` },
    ],
    [
      "signs in the place of a package",
      {
        "package.json": wants,
        "yarn.lock": `a@1:\n  version "1.0.0"\n  resolved "${"#".repeat(2 * long)}\\nx"\n`,
      },
    ],
    ["slashes in a pattern of a workspace", { ...workspace(`${"/".repeat(long)}x`), ...members }],
    [
      "a pattern of a workspace that fits in many ways",
      { ...workspace(...Array.from({ length: 50 }, () => `${"**/".repeat(9)}x`)), ...members },
    ],
    [
      "a deep package of Bun",
      {
        "package.json": wants,
        "bun.lock": bun({ [deep]: ["a@1.0.0", "", { dependencies: many }, sri] }),
      },
    ],
  ])("%s", (_, files) => {
    const from = performance.now()
    recognise(treeOf(files), offer)
    expect(performance.now() - from).toBeLessThan(1000)
  })
  test("more than 5000 packages, and paths of many folders, are refused", () => {
    const packages = Object.fromEntries(
      Object.keys(many).map((name) => [name, [`${name}@1.0.0`, "", {}, sri]]),
    )
    expect(failure({ "package.json": wants, "bun.lock": bun(packages) }).title).toContain("5000 packages")
    expect(failure({ "package.json": wants, "bun.lock": bun({ [deep]: [] }) }).title).toContain("50 folders")
  })
})

test("a Procfile is read line by line", () => {
  const web = (text: string) => procfileProcesses(text).get("web") ?? null
  expect(web("web: a\r\nworker: b\r\n")).toBe("a")
  expect(web("worker: b\n")).toBeNull()
  expect(web("# web: no\nwebsite: x\n")).toBeNull()
  expect(web("web:\nworker: b")).toBeNull()
  expect([...procfileProcesses("web: a\nworker : b  \nweb: c\n")]).toEqual([
    ["web", "a"],
    ["worker", "b"],
  ])
})

const telling = fc.constantFrom(
  "flake.nix",
  "skypanel.toml",
  "Procfile",
  "package.json",
  "package-lock.json",
  "pnpm-lock.yaml",
  "pnpm-workspace.yaml",
  "yarn.lock",
  "bun.lock",
  ".nvmrc",
  "deno.json",
  "main.ts",
  "requirements.txt",
  "pyproject.toml",
  "Pipfile.lock",
  "setup.cfg",
  "manage.py",
  "go.mod",
  "index.html",
  "server.js",
  "a/package.json",
)
const content = fc.oneof(
  fc.string({ unit: "binary", maxLength: 200 }),
  fc.json(),
  fc.constantFrom(
    start,
    '[build]\npath = "a"\n',
    "web: a\nworker: b\n",
    '{"scripts":[1],"workspaces":{"packages":3}}',
  ),
)
test("no tree crashes it, and what it says is bounded", () => {
  fc.assert(
    fc.property(fc.dictionary(telling, content, { maxKeys: 8 }), (files) => {
      const found = recognise(treeOf(files), offer)
      if (Result.isFailure(found)) expect(found.failure.failure.title).not.toBe("")
      else expect(found.success.reasoning.join("; ").length).toBeLessThan(20_000)
    }),
    { numRuns: 500 },
  )
})
