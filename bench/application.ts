import { readdirSync, readFileSync, statSync } from "node:fs"
import { request } from "node:http"
import { join, relative } from "node:path"

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

/**
 * The Node.js template's source with one route more, whose answer tells a new release from an old one. Two marks
 * differ in one line. `dependencies` changes package.json, so that dependencies are installed anew.
 */
export const applicationFiles = (mark: string, dependencies = "1.0.0"): Record<string, string> => {
  const found = Object.fromEntries(
    files(source).map((path) => [relative(source, path), readFileSync(path, "utf8")]),
  )
  const server = found["server.js"] ?? ""
  const cut = server.indexOf("for (const signal of")
  if (cut < 0) throw new Error("the Node.js template's server.js is not as this benchmark knows it")
  return {
    ...found,
    "server.js": `${server.slice(0, cut)}${route(mark)}${server.slice(cut)}`,
    "package.json": (found["package.json"] ?? "").replace(
      /"version": "[^"]*"/,
      `"version": "${dependencies}"`,
    ),
    "package-lock.json": (found["package-lock.json"] ?? "").replaceAll(
      /("name": "nodejs-service",\s*"version": )"[^"]*"/g,
      `$1"${dependencies}"`,
    ),
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
