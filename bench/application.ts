import { readdirSync, readFileSync, statSync } from "node:fs"
import { request } from "node:http"
import { join, relative } from "node:path"
import type { AddedPackage } from "./addedPackages.ts"

const source = join(import.meta.dirname, "..", "templates", "nodejs", "source")

/** What the measured application says at `/mark`: which change it is, and which start. */
export interface Mark {
  readonly mark: string
  readonly greeting: string
  readonly started: string
}

const files = (directory: string): ReadonlyArray<string> =>
  readdirSync(directory).flatMap((name) => {
    const path = join(directory, name)
    return statSync(path).isDirectory() ? files(path) : [path]
  })

const route = (mark: string) =>
  [
    `const mark = ${JSON.stringify(mark)}`,
    "const started = String(process.hrtime.bigint())",
    'app.get("/mark", async () => ({ mark, greeting: process.env.GREETING ?? "", started }))',
    "",
  ].join("\n")

export interface Changed {
  /** Of package.json: with another one Docker installs the dependencies anew, though none has changed. */
  readonly version?: string
  /** Packages that package.json and lock file have besides the template's; the application imports each. */
  readonly added?: ReadonlyArray<AddedPackage>
}

type PackageJson = Record<string, unknown> & { dependencies: Record<string, string> }
type LockFile = PackageJson & { packages: Record<string, Record<string, unknown>> }

const textOf = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`

/** The Node.js template's source with one route more, whose answer tells a new release from an old one. */
export const applicationFiles = (
  mark: string,
  { version = "1.0.0", added = [] }: Changed = {},
): Record<string, string> => {
  const found = Object.fromEntries(
    files(source).map((path) => [relative(source, path), readFileSync(path, "utf8")]),
  )
  const server = found["server.js"] ?? ""
  const cut = server.indexOf("for (const signal of")
  if (cut < 0) throw new Error("the Node.js template's server.js is not as this benchmark knows it")
  const imports = added.map(({ name }) => `await import(${JSON.stringify(name)})\n`).join("")
  const program = JSON.parse(found["package.json"] ?? "") as PackageJson
  const lock = JSON.parse(found["package-lock.json"] ?? "") as LockFile
  const dependencies = {
    ...program.dependencies,
    ...Object.fromEntries(added.map((each) => [each.name, each.version])),
  }
  const locked = added.map((each) => [
    `node_modules/${each.name}`,
    { version: each.version, integrity: each.integrity },
  ])
  return {
    ...found,
    "server.js": `${server.slice(0, cut)}${imports}${route(mark)}${server.slice(cut)}`,
    "package.json": textOf({ ...program, version, dependencies }),
    "package-lock.json": textOf({
      ...lock,
      version,
      packages: {
        ...lock.packages,
        "": { ...lock.packages[""], version, dependencies },
        ...Object.fromEntries(locked),
      },
    }),
  }
}

export interface Place {
  readonly address: string
  readonly port: number
  /** The Host header; null: the address's own. */
  readonly host: string | null
}

/** Asks once, on a connection of its own: one that is kept would go on to the old instance. */
const get = (place: Place, path: string) =>
  new Promise<{ readonly status: number; readonly body: string } | null>((resolve) => {
    const asked = request(
      {
        host: place.address,
        port: place.port,
        path,
        agent: false,
        timeout: 2000,
        ...(place.host === null ? {} : { headers: { host: place.host } }),
      },
      (response) => {
        let body = ""
        response.setEncoding("utf8").on("data", (text: string) => {
          body += text
        })
        response.on("end", () => resolve({ status: response.statusCode ?? 0, body }))
        response.on("error", () => resolve(null))
      },
    )
    asked.on("timeout", () => asked.destroy())
    asked.on("error", () => resolve(null))
    asked.end()
  })

/** What answers there now; null when nothing does, or not as the application. */
export const markAt = async (place: Place): Promise<Mark | null> => {
  const answer = await get(place, "/mark")
  if (answer?.status !== 200) return null
  try {
    return JSON.parse(answer.body) as Mark
  } catch {
    return null
  }
}
