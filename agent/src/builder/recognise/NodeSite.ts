import type { Sight } from "./Language.ts"
import type { PackageJson } from "./PackageJson.ts"
import { seen, type View } from "./Recognised.ts"

/** A site that a build writes into a folder; null where only the build shows which one. */
export interface Site {
  readonly folder: string | null
  /** The page for paths without a file. */
  readonly fallback: string | null
  readonly reasoning: ReadonlyArray<string>
}

interface Tool {
  readonly dependency: string
  /** The files that may have its configuration, without the extension. */
  readonly configs: ReadonlyArray<string>
  /** The option that names the folder, and the folder without it. */
  readonly option: string | null
  readonly folder: string
  readonly fallback: string | null
  /** What in the configuration says that it builds a server and no site. */
  readonly server?: RegExp
  /** What in the configuration it needs to be a site at all. */
  readonly needs?: RegExp
}

/** In this order: a site of Astro or SvelteKit has Vite among its dependencies as well. */
const tools: ReadonlyArray<Tool> = [
  {
    dependency: "astro",
    configs: ["astro.config"],
    option: "outDir",
    folder: "dist",
    fallback: null,
    server: /\boutput\s*:\s*["'`](?:server|hybrid)|\badapter\s*:/,
  },
  {
    dependency: "@sveltejs/adapter-static",
    // Since SvelteKit 2.62 Vite's may have it, since SvelteKit 3 nothing else has.
    configs: ["svelte.config", "vite.config"],
    option: "pages",
    folder: "build",
    fallback: null,
  },
  {
    dependency: "next",
    configs: ["next.config"],
    option: "distDir",
    folder: "out",
    fallback: null,
    needs: /\boutput\s*:\s*["'`]export["'`]/,
  },
  { dependency: "vitepress", configs: [], option: null, folder: ".vitepress/dist", fallback: null },
  { dependency: "@docusaurus/core", configs: [], option: null, folder: "build", fallback: null },
  { dependency: "@11ty/eleventy", configs: [], option: null, folder: "_site", fallback: null },
  { dependency: "gatsby", configs: [], option: null, folder: "public", fallback: null },
  { dependency: "react-scripts", configs: [], option: null, folder: "build", fallback: "index.html" },
  {
    dependency: "@vue/cli-service",
    configs: ["vue.config"],
    option: "outputDir",
    folder: "dist",
    fallback: "index.html",
  },
  {
    dependency: "vite",
    configs: ["vite.config"],
    option: "outDir",
    folder: "dist",
    fallback: "index.html",
  },
  { dependency: "parcel", configs: [], option: null, folder: "dist", fallback: null },
]

/** Frameworks on Vite that build a server: the tool alone is then no site. */
const servers = ["@sveltejs/kit", "nuxt", "@remix-run/dev", "@react-router/dev", "@tanstack/react-start"]

/** A `start` that only serves while one develops, or looks at what was built. */
const developing =
  /^(?:npx\s+)?(?:vite|astro|react-scripts|vue-cli-service|docusaurus|gatsby|eleventy|parcel|vitepress|next dev)(?:\s|$)/

const configOf = (tree: View, names: ReadonlyArray<string>): string =>
  names
    .flatMap((name) => {
      const files = ["js", "mjs", "cjs", "ts", "mts"].map((end) => `${name}.${end}`)
      const file = files.find((each) => tree.has(each))
      return file === undefined ? [] : [tree.text(file) ?? ""]
    })
    .join("\n")

const optionOf = (config: string, option: string | null): string | null => {
  const found =
    option === null ? null : new RegExp(`\\b${option}\\s*:\\s*["'\`]([\\w./-]{1,100})["'\`]`).exec(config)
  const path = found?.[1]?.replace(/^\.\/|\/+$/g, "") ?? ""
  return path === "" || path.startsWith("/") || path.split("/").includes("..") ? null : path
}

const siteOfTool = (tree: View, tool: Tool): Site | null => {
  const config = configOf(tree, tool.configs)
  if (tool.server?.test(config) || (tool.needs !== undefined && !tool.needs.test(config))) return null
  const folder = optionOf(config, tool.option) ?? tool.folder
  const isMultiPage = /\bappType\s*:\s*["'`](?:mpa|custom)["'`]/.test(config)
  const fallback = isMultiPage ? null : (optionOf(config, "fallback") ?? tool.fallback)
  return { folder, fallback, reasoning: [seen(tool.dependency, `a site in ${folder}`)] }
}

const fromWishes = ({ wishes, config }: Sight): Site | null =>
  wishes.staticFolder === null
    ? null
    : {
        folder: wishes.staticFolder,
        fallback: null,
        reasoning: [seen(config.by("static", "folder"), `a site in ${wishes.staticFolder}`)],
      }

const fromTools = ({ tree, wishes }: Sight, file: PackageJson): Site | null => {
  const isBuilt = wishes.buildCommand !== null || file.scripts.build !== undefined
  const start = file.scripts.start
  if (!isBuilt || (start !== undefined && !developing.test(start))) return null
  if (start === undefined && tree.has("server.js")) return null
  const all = { ...file.dependencies, ...file.devDependencies }
  const tool = tools.find(({ dependency }) => Object.hasOwn(all, dependency))
  const isServer = tool?.dependency === "vite" && servers.some((each) => Object.hasOwn(all, each))
  if (tool !== undefined && !isServer) return siteOfTool(tree, tool)
  if (isServer || start !== undefined || file.main !== null) return null
  return {
    folder: null,
    fallback: null,
    reasoning: [seen("script `build`, and nothing that starts", "a site in the folder that it writes")],
  }
}

/** The site that a Node.js project builds; null when it is a service that has to be started. */
export const nodeSiteOf = (sight: Sight, file: PackageJson): Site | null => {
  if (sight.wishes.start !== null) return null
  const site = fromWishes(sight) ?? fromTools(sight, file)
  if (site === null) return null
  const fallback = sight.wishes.fallback ?? site.fallback
  return {
    ...site,
    fallback,
    reasoning:
      fallback === null ? site.reasoning : [...site.reasoning, seen("paths without a file", fallback)],
  }
}
