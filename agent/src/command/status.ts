import { readFileSync } from "node:fs"
import { join } from "node:path"
import { versionFiles } from "../launcher/versionFiles.ts"
import { run } from "./run.ts"

export const unit = "skypanel-agent.service"

/** What the agent writes to `status.json` in its data folder whenever its connection changes. */
export interface AgentStatus {
  readonly connected: boolean
  /** Why it is not. */
  readonly reason?: string
  readonly workerId: string | null
  readonly name: string | null
  readonly at: string
  readonly agent: string
  readonly controlPlane: string
}

/** Null when the agent has never written one that can be read. */
export const readStatus = (dataFolder: string): AgentStatus | null => {
  try {
    return JSON.parse(readFileSync(join(dataFolder, "status.json"), "utf8")) as AgentStatus
  } catch {
    return null
  }
}

const first = (text: string): string | null => /\d+\.\d+[\w.+~-]*/.exec(text)?.[0] ?? null

/** The machine's own programs, and the agent with the version that runs. */
const observe = async (dataFolder: string, installed: string) => {
  const [active, docker, haproxy, nix] = await Promise.all([
    run("systemctl", ["is-active", unit], 10),
    run("dockerd", ["--version"], 10),
    run("haproxy", ["-v"], 10),
    run("nix", ["--version"], 10),
  ])
  const status = readStatus(dataFolder)
  const isRunning = active.code === 0
  return {
    // What a killed agent wrote last is not so any more.
    connected: isRunning && status?.connected === true,
    reason: isRunning ? (status?.reason ?? "") : `${unit} is ${active.stdout.trim() || "not there"}`,
    unit: active.stdout.trim(),
    name: status?.name ?? null,
    workerId: status?.workerId ?? null,
    controlPlane: status?.controlPlane ?? null,
    at: status?.at ?? null,
    versions: {
      agent: isRunning ? (status?.agent ?? installed) : installed,
      docker: first(docker.stdout),
      haproxy: first(haproxy.stdout),
      nix: first(nix.stdout),
    },
    failedVersions: versionFiles(dataFolder).failed(),
  }
}

const lines = ({
  connected,
  reason,
  versions,
  failedVersions,
  ...of
}: Awaited<ReturnType<typeof observe>>) => [
  `worker     ${of.name === null ? "not registered" : `${of.name} (${of.workerId})`}`,
  `platform   ${of.controlPlane ?? "unknown"}`,
  `connected  ${connected ? `yes, since ${of.at}` : `no: ${reason || "the agent has not said why"}`}`,
  `agent      ${versions.agent}, ${of.unit || "no unit"}`,
  ...(["docker", "haproxy", "nix"] as const).map((name) => `${name.padEnd(10)} ${versions[name] ?? "none"}`),
  ...failedVersions.map(({ sha256, at, why }) => `failed     version ${sha256.slice(0, 8)} at ${at}: ${why}`),
]

/** Prints how the worker is; the exit code says whether it is connected. */
export const printStatus = async (dataFolder: string, installed: string, json: boolean): Promise<number> => {
  if (process.getuid?.() !== 0) throw new Error("only root may see how the worker is: use sudo")
  const observed = await observe(dataFolder, installed)
  console.log(json ? JSON.stringify(observed, null, 2) : lines(observed).join("\n"))
  return observed.connected ? 0 : 1
}
