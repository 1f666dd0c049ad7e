import type { Installation } from "@skypanel/contract/Installation"
import type { Worker, WorkerState } from "@skypanel/contract/Worker"
import type { Look } from "./looks.ts"

export type StageName = "run" | "install" | "join" | "ready"

export interface Stage {
  readonly name: StageName
  readonly title: string
  readonly state: "done" | "running" | "pending" | "failed"
}

const titles: Record<StageName, string> = {
  run: "Run the command",
  install: "Install the agent",
  join: "Join the cluster",
  ready: "Ready",
}
const names = ["run", "install", "join", "ready"] as const

const notThere: readonly WorkerState[] = ["joining", "suspect", "unhealthy", "stopped", "removed"]

/** Is the worker that used it there and heard? */
export const hasArrived = (
  installation: Pick<Installation, "state">,
  worker: Pick<Worker, "state"> | null,
): boolean => installation.state === "used" && worker !== null && !notThere.includes(worker.state)

/** Can the command still be used? */
export const isUsable = ({ state }: Pick<Installation, "state">): boolean =>
  state === "open" || state === "fetched"

/** The stages from the command to a worker that takes services. */
export const stagesOf = (
  installation: Pick<Installation, "state">,
  worker: Pick<Worker, "state"> | null,
): readonly Stage[] => {
  const ended = installation.state === "expired" || installation.state === "revoked"
  const current = hasArrived(installation, worker)
    ? names.length
    : installation.state === "used"
      ? 2
      : installation.state === "fetched"
        ? 1
        : 0
  return names.map((name, at) => ({
    name,
    title: titles[name],
    state: at < current ? "done" : at > current ? "pending" : ended ? "failed" : "running",
  }))
}

export const stageLook: Record<Stage["state"], Look> = {
  done: { word: "", shape: "disc", tone: "good" },
  running: { word: "", shape: "spinner", tone: "busy" },
  pending: { word: "", shape: "ring", tone: "idle" },
  failed: { word: "", shape: "cross", tone: "bad" },
}

const minute = 60_000
/** Longer than this in one stage is worth a word. */
const usualMs: Record<Exclude<StageName, "ready">, number> = {
  run: 1.5 * minute,
  install: 4 * minute,
  join: 1.5 * minute,
}

/** What to check when nothing has happened for a while; nothing while it is too soon to worry. */
export const adviceFor = (
  stage: StageName,
  waitedMs: number,
  about: { readonly origin: string; readonly allowFrom: string | null },
): readonly string[] => {
  if (stage === "ready" || waitedMs < usualMs[stage]) return []
  if (stage === "run")
    return [
      "Nothing has asked for the script yet. Paste the command into a root shell of the new machine.",
      `The machine has to reach ${about.origin}: "curl -I ${about.origin}" there has to answer.`,
      ...(about.allowFrom === null
        ? []
        : [`It has to come from ${about.allowFrom}, as this platform sees its address.`]),
    ]
  if (stage === "install")
    return [
      "The script was fetched, and has not come back with the token. Packages can take some minutes on a slow machine.",
      "Look at the shell where it runs: it says what it does, and what it lacks. It can be run again.",
    ]
  return [
    "It has an identity, and has not reported that it can run services.",
    'On the machine, "systemctl status skypanel-agent docker" and "journalctl -u skypanel-agent" say why.',
  ]
}
