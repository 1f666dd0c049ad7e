import { type ChildProcess, spawn } from "node:child_process"
import { createHash } from "node:crypto"
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { versionFiles } from "../src/launcher/versionFiles.ts"

const checkout = join(import.meta.dirname, "../..")
const main = join(checkout, "agent/src/launcher/main.ts")

export type Runtime = "deno" | "node"

const commands: Record<Runtime, readonly [string, ...ReadonlyArray<string>]> = {
  deno: [join(checkout, "node_modules/deno/deno"), "run", "--no-prompt"],
  node: [join(checkout, "node_modules/node/bin/node"), "--disable-warning=ExperimentalWarning"],
}

/** As the unit gives them. */
const permissions = (runtime: Runtime, data: string) =>
  runtime === "node"
    ? []
    : ["--allow-env", `--allow-read=${data}/agent`, `--allow-write=${data}/agent`, "--allow-run"]

const header = `// ${JSON.stringify({ version: "1.0.0", deno: { services: ["--allow-all"], builder: [] } })}\n`

/** Appends what it is and its process id to a file once it can be asked to end, then does what it is for. */
const begin = (name: string) => `
import { appendFileSync, writeFileSync } from "node:fs"
const { SKYPANEL_DATA, SKYPANEL_AGENT_SHA256 } = process.env
process.on("SIGTERM", () => process.exit(7))
appendFileSync(SKYPANEL_DATA + "/started", "${name} " + process.pid + "\\n")
const confirm = () => writeFileSync(SKYPANEL_DATA + "/agent/confirmed", SKYPANEL_AGENT_SHA256)
setInterval(() => undefined, 1000)
`

/** Agents of a few lines. They stay until they are asked to end, with exit code 7, unless it says otherwise. */
export const agents = {
  /** Is welcomed at once. */
  good: (name: string) => `${header}${begin(name)}\nconfirm()\n`,
  /** Ends with this exit code after some milliseconds, welcomed or not. */
  ending: (name: string, code: number, welcomed: boolean, ms = 0) =>
    `${header}${begin(name)}\n${welcomed ? "confirm()" : ""}\nsetTimeout(() => process.exit(${code}), ${ms})\n`,
  /** Is never welcomed. */
  silent: (name: string) => `${header}${begin(name)}`,
} as const

export const sha256Of = (bundle: string) => createHash("sha256").update(bundle).digest("hex")

export interface RunningLauncher {
  readonly pid: number
  /** The exit code; null when a signal ended it. */
  readonly ended: Promise<number | null>
  readonly output: () => string
}

/** A data folder with versions of the agent in it, and launchers that run them. */
export const launcherFolder = () => {
  const data = mkdtempSync(join(tmpdir(), "skypanel-launcher-"))
  mkdirSync(join(data, "agent/versions"), { recursive: true })
  const files = versionFiles(data)
  const running = new Set<ChildProcess>()
  const started = () =>
    existsSync(join(data, "started"))
      ? readFileSync(join(data, "started"), "utf8")
          .trim()
          .split("\n")
          .map((line) => line.split(" "))
          .map(([name = "", pid]) => ({ name, pid: Number(pid) }))
      : []
  return {
    data,
    files,
    /** Keeps a version; gives its hash. */
    add: (bundle: string) => {
      files.keep(sha256Of(bundle), Buffer.from(bundle))
      return sha256Of(bundle)
    },
    setCurrent: (sha256: string) => writeFileSync(join(data, "agent/current"), `${sha256}\n`),
    /** The agents that were started, oldest first. */
    started,
    names: () => started().map(({ name }) => name),
    launch: (runtime: Runtime, trialSeconds = 20): RunningLauncher => {
      const [program, ...args] = commands[runtime]
      const child = spawn(program, [...args, ...permissions(runtime, data), main], {
        env: {
          PATH: process.env.PATH,
          HOME: data,
          SKYPANEL_DATA: data,
          SKYPANEL_TRIAL_SECONDS: String(trialSeconds),
        },
        stdio: ["ignore", "pipe", "pipe"],
      })
      running.add(child)
      let output = ""
      for (const stream of [child.stdout, child.stderr])
        stream.on("data", (text) => {
          output += text
        })
      return {
        pid: child.pid ?? 0,
        ended: new Promise((resolve) => child.once("exit", (code) => resolve(code))),
        output: () => output,
      }
    },
    remove: async () => {
      for (const child of running) {
        if (child.exitCode !== null || child.signalCode !== null) continue
        const ended = new Promise((resolve) => child.once("exit", resolve))
        process.kill(child.pid!, "SIGKILL")
        await ended
      }
      rmSync(data, { recursive: true, force: true })
    },
  }
}
