import { closeSync, openSync, readSync } from "node:fs"
import { runCommand } from "../command/command.ts"
import { startAgent } from "./agentProcess.ts"
import { headerBytesMost, headerOf } from "./bundleHeader.ts"
import { commandLine, type Places } from "./commandLine.ts"
import { launch } from "./launch.ts"
import { versionFiles } from "./versionFiles.ts"

// The main process of the agent's unit, and the command `skypanel-agent`. It is what is left when a version of the
// agent is broken: small, and of nothing but the runtime's own modules.

const env = process.env
const dataFolder = env.SKYPANEL_DATA ?? "/var/lib/skypanel"

const places: Places = {
  runtime: "deno" in process.versions ? "deno" : "node",
  program: process.execPath,
  dataFolder,
  dockerSocket: env.SKYPANEL_DOCKER_SOCKET ?? "/run/docker.sock",
  roles: (env.SKYPANEL_WORKER_ROLES ?? "").split(","),
}

const beginningOf = (file: string): string => {
  const descriptor = openSync(file, "r")
  try {
    const bytes = Buffer.alloc(headerBytesMost)
    return bytes.toString("utf8", 0, readSync(descriptor, bytes))
  } finally {
    closeSync(descriptor)
  }
}

const noPermissions = { version: "0", deno: { services: [], builder: [] } }

const runAgent = async (): Promise<number> => {
  const files = versionFiles(dataFolder)
  let stopping = false
  let signal: (name: NodeJS.Signals) => void = () => undefined
  for (const name of ["SIGTERM", "SIGINT", "SIGHUP"] as const) {
    process.on(name, () => {
      stopping = true
      signal(name)
    })
  }
  return launch({
    files,
    start: (sha256) => {
      const bundle = files.path(sha256)
      const header = headerOf(beginningOf(bundle)) ?? noPermissions
      const agent = startAgent(commandLine(bundle, header, places), { SKYPANEL_AGENT_SHA256: sha256 })
      signal = agent.signal
      return agent
    },
    trialMs: Number(env.SKYPANEL_TRIAL_SECONDS ?? 90) * 1000,
    say: (line) => console.log(line),
    isStopping: () => stopping,
  })
}

const args = process.argv.slice(2)
process.exit(args.length === 0 ? await runAgent() : await runCommand(args, { dataFolder }))
