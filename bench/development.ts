import { spawn } from "node:child_process"
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { until } from "./processes.ts"
import { freePort } from "./registryServer.ts"

/** A whole SkyPanel of the benchmark's own, as `npm run dev:all` starts it. */
export interface Development {
  readonly url: string
  readonly token: string
  /** What credentials of the registry are derived from. */
  readonly secret: string
  readonly dockerSocket: string
  /** A folder for the benchmark, removed at the end. */
  readonly directory: string
  /** The ends of its programs' logs, for when something went wrong. */
  readonly logs: () => string
  readonly stop: () => Promise<void>
}

const checkout = dirname(import.meta.dirname)
const usualSocket = "/var/run/docker.sock"

const logsIn = (folder: string): string =>
  readdirSync(folder)
    .map((name) => `${name}:\n${readFileSync(join(folder, name), "utf8").slice(-3000)}`)
    .join("\n")

/** Starts it on free ports, with its data in a temporary folder: the developer's own is not touched. */
export const startDevelopment = async (): Promise<Development> => {
  // Short: the engine keeps unix sockets below, whose paths have at most 107 bytes.
  const directory = mkdtempSync("/tmp/skypanel-bench-")
  const data = join(directory, "data")
  const settings = join(directory, "settings")
  const [port, endpointPort] = [await freePort(), await freePort()]
  writeFileSync(
    settings,
    [
      readFileSync(join(checkout, ".env.example"), "utf8").replace(
        /^(SKYPANEL_PORT|SKYPANEL_ENDPOINT_PORT|SKYPANEL_DATA)=.*$/gm,
        "",
      ),
      `SKYPANEL_PORT=${port}`,
      `SKYPANEL_ENDPOINT_PORT=${endpointPort}`,
      `SKYPANEL_DATA=${data}`,
      "",
    ].join("\n"),
  )
  mkdirSync(data)
  const main = join(checkout, "dev", "main.ts")
  const child = spawn(process.execPath, [main, "--settings", settings], {
    cwd: checkout,
    // What it says goes to standard error: the table alone is the result.
    stdio: ["ignore", 2, 2],
  })
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()))
  const stop = async () => {
    child.kill("SIGTERM")
    await ended
    rmSync(directory, { recursive: true, force: true })
  }
  const [announced, tokenFile] = [join(data, "run", "cli.json"), join(data, "run", "token")]
  try {
    await until(
      "the development platform",
      performance.now(),
      async () => {
        if (child.exitCode !== null) throw new Error("the development platform did not start")
        return existsSync(announced) && existsSync(tokenFile)
      },
      { every: 100, seconds: 300 },
    )
  } catch (error) {
    await stop()
    throw error
  }
  const socket = join(data, "engine", "docker.sock")
  return {
    url: (JSON.parse(readFileSync(announced, "utf8")) as { readonly url: string }).url,
    secret: /^SKYPANEL_SECRET=(.+)$/m.exec(readFileSync(settings, "utf8"))?.[1] ?? "",
    token: readFileSync(tokenFile, "utf8").trim(),
    dockerSocket: existsSync(socket) ? socket : usualSocket,
    directory,
    logs: () => logsIn(join(data, "log")),
    stop,
  }
}
