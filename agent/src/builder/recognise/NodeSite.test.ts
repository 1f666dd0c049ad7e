import { describe, expect, test } from "vitest"
import { recognised } from "./testing/trees.ts"

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
      [
        "of SvelteKit 3, which has its configuration in that of Vite",
        "@sveltejs/adapter-static",
        { "vite.config.ts": "sveltekit({ adapter: adapter({ pages: 'site', fallback: '200.html' }) })" },
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
