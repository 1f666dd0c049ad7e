import { createHash } from "node:crypto"
import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { failureOf } from "../nixos/embedded/evaluation.ts"
import { bare, build, describeRepository, folderWith, usePreparedSet } from "./building.ts"
import { packageOf, serve } from "./registry.ts"
import { startInSealedRoot } from "./sealed-root.ts"

usePreparedSet()

/** Builds and starts a repository with these files, and gives what it answers at these paths. */
const answers = (name: string, files: Record<string, string>, ...paths: ReadonlyArray<string>) =>
  answersOf(describeRepository(folderWith(name, files)), ...paths)

const answersOf = async (
  description: ReturnType<typeof describeRepository>,
  ...paths: ReadonlyArray<string>
) => {
  const { program, closure } = await build(description)
  const running = await startInSealedRoot(program, closure, { readyPath: "/" })
  try {
    return await Promise.all(paths.map(async (path) => (await running.get(path)).text()))
  } finally {
    await running.kill()
  }
}

const fixtures = join(import.meta.dirname, "..", "agent", "src", "builder", "recognise", "lock", "fixtures")
const server = (text: string) =>
  `require("node:http").createServer((_, answer) => answer.end(${text})).listen(process.env.PORT)\n`

/** The lock files that the package managers themselves wrote, for one package.json. */
const fixture = (name: string) => readFileSync(join(fixtures, name), "utf8")

describe("a Node.js repository", () => {
  const files = {
    "package.json": fixture("package.json"),
    "make.js":
      'require("node:fs").writeFileSync("built/odd.js", "module.exports = " + JSON.stringify(require("is-odd")(3)))',
    "server.js": server(`[
      require("./built/odd.js"), require("is-odd")(2), require("numbers")("7"),
      require("is-number/package.json").version, require("numbers/package.json").version,
      require("node:fs").existsSync("node_modules/mkdirp")
    ].join()`),
  }

  it.each([
    ["package-lock.json", "npm-1.lock"],
    ["package-lock.json", "npm-2.lock"],
    ["package-lock.json", "npm-3.lock"],
    ["pnpm-lock.yaml", "pnpm-5.3.yaml"],
    ["pnpm-lock.yaml", "pnpm-5.4.yaml"],
    ["pnpm-lock.yaml", "pnpm-6.0.yaml"],
    ["pnpm-lock.yaml", "pnpm-9.0.yaml"],
    ["yarn.lock", "yarn-1.lock"],
    ["bun.lock", "bun.lock"],
  ])("with a %s (%s) is built, and started without what only the build needs", async (name, from) => {
    // pnpm shows a package only its own dependencies, and so the project.
    const isHidden = from.startsWith("pnpm")
    const main = files["server.js"].replace("is-number/", isHidden ? "is-odd/" : "is-number/")
    const said = await answers("locked", { ...files, "server.js": main, [name]: fixture(from) }, "/")
    expect(said).toEqual([`true,false,true,${isHidden ? "3.0.1" : "6.0.0"},7.0.0,false`])
  })

  it("has from the builder's own registry what a lock file of npm 8 names a public one for", async () => {
    const tarball = packageOf({
      "package.json": '{"name":"own","version":"1.0.0"}',
      "index.js": 'module.exports = "from here"',
    })
    const integrity = `sha512-${createHash("sha512").update(tarball).digest("base64")}`
    const [publicRegistry] = /https:\/\/[^/]+\//.exec(fixture("yarn-1.lock"))!
    const resolved = `${publicRegistry}own/-/own-1.0.0.tgz`
    const own = { version: "1.0.0", resolved, integrity }
    await using registry = await serve({ "/own/-/own-1.0.0.tgz": tarball })
    const folder = folderWith("own", {
      "package.json": '{"scripts":{"start":"node server.js"},"dependencies":{"own":"1.0.0"}}',
      "package-lock.json": JSON.stringify({
        lockfileVersion: 2,
        packages: { "": { dependencies: { own: "1.0.0" } }, "node_modules/own": own },
        dependencies: { own },
      }),
      "server.js": server('require("own")'),
    })
    expect(await answersOf(describeRepository(folder, registry.url), "/")).toEqual(["from here"])
  })

  it("that depends on nothing needs no lock file", async () => {
    const own = { "package.json": '{"scripts":{"start":"node server.js"}}', "server.js": server('"alone"') }
    expect(await answers("alone", own, "/")).toEqual(["alone"])
  })

  it("with a workspace has its members, and is started in one of them", async () => {
    const lock = JSON.parse(fixture("npm-3.lock")).packages
    const packages = {
      "": { name: "all", workspaces: ["apps/*", "packages/*"] },
      "apps/web": { dependencies: { "@all/lib": "*", "is-odd": "^3.0.1" } },
      "packages/lib": { name: "@all/lib", dependencies: { "is-number": "^7.0.0" } },
      "node_modules/@all/lib": { link: true, resolved: "packages/lib" },
      "node_modules/is-odd": lock["node_modules/is-odd"],
      "node_modules/is-number": lock["node_modules/is-number"],
      "packages/lib/node_modules/is-number": lock["node_modules/numbers"],
    }
    const said = await answers(
      "workspace",
      {
        "skypanel.toml": '[build]\npath = "apps/web"\n',
        "package.json": JSON.stringify(packages[""]),
        "package-lock.json": JSON.stringify({ lockfileVersion: 3, packages }),
        "packages/lib/package.json": JSON.stringify(packages["packages/lib"]),
        "packages/lib/index.js": 'module.exports = require("is-number/package.json").version',
        "apps/web/package.json": JSON.stringify({
          ...packages["apps/web"],
          scripts: { build: "pnpm run write", write: "echo built >here", start: "node server.js" },
        }),
        "apps/web/server.js": server(
          '[require("@all/lib"), require("is-number/package.json").version, require("fs").readFileSync("here")].join()',
        ),
      },
      "/",
    )
    expect(said).toEqual(["7.0.0,6.0.0,built\n"])
  })

  it.each(["5.4", "6.0", "9.0"])(
    "with a workspace of pnpm (%s) has a package once for each React that its members give it",
    async (version) => {
      const hook = "@emotion/use-insertion-effect-with-fallbacks"
      const reactOfHook = `require("module").createRequire(require.resolve("${hook}"))("react/package.json").version`
      const said = await answers(
        "pnpm-workspace",
        {
          "skypanel.toml": '[build]\npath = "apps/web"\n',
          "package.json": '{"name":"all","private":true,"devDependencies":{"mkdirp":"^0.5.6"}}',
          "pnpm-workspace.yaml": "packages:\n  - apps/*\n  - packages/*\n",
          "pnpm-lock.yaml": fixture(`workspace.pnpm-${version}.yaml`),
          "packages/lib/package.json": JSON.stringify({
            name: "@all/lib",
            version: "1.0.0",
            dependencies: { [hook]: "^1.2.0", react: "^18.3.1" },
          }),
          "packages/lib/index.js": `module.exports = ${reactOfHook}`,
          "apps/web/package.json": JSON.stringify({
            name: "web",
            scripts: { build: "mkdirp made && node make.js", start: "node server.js" },
            dependencies: {
              "@all/lib": "workspace:*",
              [hook]: "^1.2.0",
              numbers: "npm:is-number@^7.0.0",
              react: "^19.2.0",
            },
            devDependencies: { "is-odd": "^3.0.1" },
          }),
          "apps/web/make.js":
            'require("fs").writeFileSync("made/odd.js", "module.exports = " + require("is-odd")(3))',
          "apps/web/server.js": server(`[
            require("@all/lib"), ${reactOfHook}, require("react/package.json").version,
            require("numbers")("7"), require("./made/odd.js"), require("fs").existsSync("node_modules/is-odd")
          ].join()`),
        },
        "/",
      )
      expect(said).toEqual(["18.3.1,19.3.1,19.3.1,true,true,false"])
    },
  )
})

describe("a site that a tool builds", () => {
  const vite = {
    "package.json": JSON.stringify({
      name: "site",
      type: "module",
      scripts: { dev: "vite", build: "vite build", preview: "vite preview" },
      devDependencies: { vite: "^8.0.0" },
    }),
    "bun.lock": fixture("vite.bun.lock"),
    "index.html":
      '<!doctype html><title>Shop</title><main></main><script type="module" src="/main.js"></script>',
    "main.js": `import "./style.css"\ndocument.querySelector("main").textContent = ${JSON.stringify("Hello. ".repeat(200))}\n`,
    "style.css": "main { color: green }\n",
    "public/robots.txt": "User-agent: *\n",
  }

  it("is built by Vite, and served with compression, caching and a page for every path", async () => {
    const { program, closure } = await build(describeRepository(folderWith("vite", vite)))
    expect(bare(closure)).not.toContain("nodejs-slim")
    const running = await startInSealedRoot(program, closure, { readyPath: "/" })
    try {
      const page = await running.get("/orders/7")
      const text = await page.text()
      expect([page.status, page.headers.get("cache-control")]).toEqual([200, "no-cache"])
      expect(text).toContain("<title>Shop</title>")
      const script = /src="(\/assets\/[^"]+\.js)"/.exec(text)![1]!
      const compressed = await running.get(script, { "accept-encoding": "gzip" })
      expect(compressed.headers.get("content-encoding")).toBe("gzip")
      // Compressed when it was built: a length is known only then.
      expect(Number(compressed.headers.get("content-length"))).toBeGreaterThan(0)
      expect(compressed.headers.get("cache-control")).toBe("public, max-age=31536000, immutable")
      expect(await compressed.text()).toContain("Hello. Hello.")
      const again = await running.get("/", { "if-none-match": page.headers.get("etag")! })
      expect(again.status).toBe(304)
      const missing = await running.get("/assets/index-00000000.js")
      expect([missing.status, missing.headers.get("cache-control")]).toEqual([404, null])
      expect(await (await running.get("/robots.txt")).text()).toBe("User-agent: *\n")
    } finally {
      await running.kill()
    }
  })

  it("is built by SvelteKit, with its pages and one for every other path", async () => {
    const files = {
      "package.json": JSON.stringify({
        type: "module",
        scripts: { dev: "vite dev", build: "vite build", preview: "vite preview" },
        devDependencies: {
          "@sveltejs/adapter-static": "^4.0.0",
          "@sveltejs/kit": "^3.0.0",
          "@sveltejs/vite-plugin-svelte": "^7.0.0",
          svelte: "^5.57.0",
          typescript: "^6.0.0",
          vite: "^8.0.12",
        },
      }),
      "bun.lock": fixture("sveltekit.bun.lock"),
      "vite.config.js":
        'import adapter from "@sveltejs/adapter-static"\nimport { sveltekit } from "@sveltejs/kit/vite"\nexport default { plugins: [sveltekit({ adapter: adapter({ pages: "site", fallback: "200.html" }) })] }\n',
      "src/app.html":
        "<!doctype html><html><head>%sveltekit.head%</head><body><div>%sveltekit.body%</div></body></html>\n",
      "src/routes/+layout.js": "export const prerender = true\n",
      "src/routes/+page.svelte": "<script>let name = 'Kit'</script><h1>Hello {name}</h1>\n",
      "src/routes/about/+page.svelte": "<h1>About</h1>\n",
    }
    const [start, about, other] = await answers("kit", files, "/", "/about", "/orders/7")
    expect(start).toContain("Hello Kit</h1>")
    expect(about).toContain("About</h1>")
    expect(other).toContain("/_app/immutable/entry/start.")
    expect(other).not.toContain("</h1>")
  })

  it("is built by Astro, with an image in another format", async () => {
    const folder = folderWith("astro", {
      "package.json": JSON.stringify({
        type: "module",
        scripts: { dev: "astro dev", start: "astro dev", build: "astro build", preview: "astro preview" },
        dependencies: { astro: "^7.0.0" },
      }),
      "bun.lock": fixture("astro.bun.lock"),
      "src/pages/index.astro":
        '---\nimport { Image } from "astro:assets"\nimport dot from "../dot.png"\nconst name = "Astro"\n---\n<h1>Hello {name}</h1><Image src={dot} alt="" />\n',
      "src/pages/about.md": "# About\n",
      "src/pages/404.astro": "<h1>Nothing here</h1>\n",
    })
    // A red square.
    const png =
      "iVBORw0KGgoAAAANSUhEUgAAABAAAAAQCAIAAACQkWg2AAAAFklEQVR42mP4z8BAEmIY1TCqYfhqAACQ+f8B8u7oVwAAAABJRU5ErkJggg=="
    writeFileSync(join(folder, "src", "dot.png"), Buffer.from(png, "base64"))
    const { program, closure } = await build(describeRepository(folder))
    const running = await startInSealedRoot(program, closure, { readyPath: "/" })
    try {
      const page = await (await running.get("/")).text()
      expect(page).toContain("<h1>Hello Astro</h1>")
      expect(await (await running.get("/about")).text()).toContain("About</h1>")
      const missing = await running.get("/orders/7")
      expect([missing.status, await missing.text()]).toEqual([404, expect.stringContaining("Nothing here")])
      const image = await running.get(/src="(\/_astro\/[^"]+)"/.exec(page)![1]!)
      expect(image.headers.get("cache-control")).toBe("public, max-age=31536000, immutable")
      const bytes = Buffer.from(await image.arrayBuffer()).toString("latin1")
      expect([bytes.slice(0, 4), bytes.slice(8, 12)]).toEqual(["RIFF", "WEBP"])
    } finally {
      await running.kill()
    }
  })

  it("into a folder that nobody names is found, or asked for", async () => {
    const files = {
      "package.json": JSON.stringify({ scripts: { build: "mkdir -p out && cp page.html out/index.html" } }),
      "package-lock.json": '{"lockfileVersion":3,"packages":{"":{}}}',
      "page.html": "found",
    }
    expect(await answers("found", files, "/")).toEqual(["found"])
    const lost = { ...files, "skypanel.toml": '[static]\nfolder = "dist"\n' }
    expect(await failureOf(build(describeRepository(folderWith("lost", lost))))).toContain(
      "the build has written no index.html into dist",
    )
  })
})

// What it imports is in its vendor folder: no registry of modules is needed.
it("a Deno repository with a vendored dependency is built and started", async () => {
  const files = {
    "deno.json": '{"vendor": true, "tasks": {"start": "deno serve --allow-env main.ts"}}',
    "vendor/deno.land/x/dep.ts": 'export const name: string = "dep"\n',
    "main.ts":
      'import { name } from "https://deno.land/x/dep.ts"\nexport default { fetch: () => new Response(name) }\n',
  }
  expect(await answers("deno", files, "/")).toEqual(["dep"])
  const missing = { ...files, "main.ts": 'import "https://deno.land/x/other.ts"\n' }
  expect(await failureOf(build(describeRepository(folderWith("deno-missing", missing))))).toContain(
    "https://deno.land/x/other.ts",
  )
})

// Its packages are those of the embedded set: the index of Python packages is not needed.
describe("a Python repository", () => {
  it("with a pyproject.toml and an application object is started by its server", async () => {
    const files = {
      "pyproject.toml":
        '[project]\nname = "shop"\nversion = "1"\nrequires-python = ">=3.10"\ndependencies = ["fastapi", "uvicorn"]\n',
      "main.py": "import fastapi\napi = fastapi.FastAPI()\n@api.get('/')\ndef page(): return 'shop'\n",
    }
    expect(await answers("fastapi", files, "/")).toEqual(['"shop"'])
  })

  it("with a Pipfile.lock has its packages", async () => {
    const files = {
      "Pipfile.lock": JSON.stringify({ default: { flask: { version: "==9.9.9" }, gunicorn: {} } }),
      "app.py": "import flask\nsite = flask.Flask('x')\n@site.get('/')\ndef page(): return 'pip'\n",
    }
    expect(await answers("pipfile", files, "/")).toEqual(["pip"])
  })
})

describe("a skypanel.toml", () => {
  it("names the folder, the build and the process of a Procfile", async () => {
    const said = await answers(
      "toml",
      {
        "skypanel.toml":
          '[build]\npath = "apps/web"\ncommand = "node make.js && cd / && true"\n[start]\nprocess = "worker"\n',
        "apps/web/package.json": '{"name":"web","scripts":{"build":"exit 1","start":"exit 1"}}',
        "apps/web/package-lock.json": '{"lockfileVersion":3,"packages":{"":{"name":"web"}}}',
        "apps/web/Procfile": "web: exit 1\nworker: node out.js worker\n",
        "apps/web/make.js": `require("node:fs").writeFileSync("out.js", ${JSON.stringify(server('process.argv[2] + " " + require("node:fs").readdirSync(".")'))})`,
      },
      "/",
    )
    expect(said).toEqual(["worker Procfile,make.js,out.js,package-lock.json,package.json"])
  })

  it("names the folder of a site, and the page for paths without a file", async () => {
    const said = await answers(
      "fallback",
      {
        "skypanel.toml": '[static]\nfolder = "site"\nfallback = "app.html"\n',
        "site/index.html": "start",
        "site/app.html": "application",
        "secret.txt": "not served",
      },
      "/",
      "/orders/7",
      "/secret.txt",
    )
    expect(said).toEqual(["start", "application", "application"])
  })
})
