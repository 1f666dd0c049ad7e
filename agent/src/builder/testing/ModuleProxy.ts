import { createHash } from "node:crypto"
import { createServer, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import { zipOf } from "../../../../templates/registry.ts"

/* For tests: a module proxy of Go on this machine, as the public one cannot be reached where they run. */

export interface GoModule {
  readonly path: string
  readonly version: string
  /** Besides its go.mod, with their paths in the module. */
  readonly files: Readonly<Record<string, string>>
}

const escaped = (text: string) => text.replace(/[A-Z]/g, (letter) => `!${letter.toLowerCase()}`)
const goMod = ({ path }: GoModule) => `module ${path}\n\ngo 1.19\n`

/** Go's own hash (`golang.org/x/mod/sumdb/dirhash`, Hash1). */
const hashOf = (files: Readonly<Record<string, string>>) => {
  const digest = (text: string) => createHash("sha256").update(text).digest("hex")
  const lines = Object.keys(files)
    .sort()
    .map((name) => `${digest(files[name]!)}  ${name}\n`)
  return `h1:${createHash("sha256").update(lines.join("")).digest("base64")}`
}

const contentsOf = (module: GoModule) => {
  const start = `${module.path}@${module.version}/`
  const files = { ...module.files, "go.mod": goMod(module) }
  return Object.fromEntries(Object.entries(files).map(([name, text]) => [`${start}${name}`, text]))
}

/** What `go mod tidy` writes of these modules. */
export const goSumOf = (...modules: ReadonlyArray<GoModule>): string =>
  modules
    .map(
      (module) =>
        `${module.path} ${module.version} ${hashOf(contentsOf(module))}\n${module.path} ${module.version}/go.mod ${hashOf({ "go.mod": goMod(module) })}\n`,
    )
    .join("")

/** Answers by the protocol of proxies (go.dev/ref/mod#goproxy-protocol) for the modules that it has. */
export class ModuleProxy {
  readonly requests: Array<string> = []
  /** How the next requests go wrong. */
  readonly faults: Array<"unwell" | "cut off"> = []
  readonly #modules = new Map<string, GoModule>()
  #server: Server | null = null
  url = ""

  async open(): Promise<this> {
    const server = createServer((request, answer) => {
      this.requests.push(request.url ?? "")
      const found = this.#find(request.url ?? "")
      const fault = this.faults.shift()
      if (fault === "unwell") return void answer.writeHead(503).end()
      if (fault === "cut off") {
        answer.writeHead(200, { "content-length": 1000 }).write("half of it")
        return void setImmediate(() => answer.destroy())
      }
      answer.writeHead(found === null ? 404 : 200).end(found ?? "not found")
    })
    const port = this.url === "" ? 0 : Number(new URL(this.url).port)
    await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve))
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    this.#server = server
    return this
  }

  async close(): Promise<void> {
    const server = this.#server
    this.#server = null
    server?.closeAllConnections()
    await new Promise<void>((resolve) => (server === null ? resolve() : server.close(() => resolve())))
  }

  /** In place of what it had of the same version. */
  publish(...modules: ReadonlyArray<GoModule>): void {
    for (const module of modules) this.#modules.set(`${module.path}@${module.version}`, module)
  }

  #find(url: string): string | Buffer | null {
    const [, path = "", what = ""] = /^\/(.+)\/@v\/(.+)$/.exec(decodeURIComponent(url)) ?? []
    const versions = [...this.#modules.values()].filter((module) => escaped(module.path) === path)
    if (what === "list") return versions.map(({ version }) => `${version}\n`).join("")
    const [, version = "", end = ""] = /^(.+)\.(info|mod|zip)$/.exec(what) ?? []
    const module = versions.find((each) => escaped(each.version) === version)
    if (module === undefined) return null
    if (end === "info") return JSON.stringify({ Version: module.version, Time: "2026-01-01T00:00:00Z" })
    return end === "mod" ? goMod(module) : zipOf(contentsOf(module))
  }
}
