import type { LabWorker } from "../lab/lab.ts"
import { run } from "./run.ts"

/** One attempt of a container, and whether it may succeed. */
export interface Probe {
  /** For people. */
  readonly what: string
  /** For a shell in the container; it succeeds with exit code 0. */
  readonly command: string
  readonly allowed: boolean
}

export interface Outcome extends Probe {
  readonly from: string
  readonly succeeded: boolean
  readonly said: string
}

const socatAddress = (host: string) => (host.includes(":") ? `TCP6:[${host}]` : `TCP4:${host}`)

/** Connects, and that is all: it sends nothing. */
export const tcp = (what: string, host: string, port: number, allowed = false): Probe => ({
  what: `${what} (${host}:${port})`,
  command: `socat -u OPEN:/dev/null ${socatAddress(host)}:${port},connect-timeout=1.5`,
  allowed,
})

/** So many at once: each takes four of the 256 processes that a container may have. */
const atOnce = 40

const shell = (probes: ReadonlyArray<Probe>) =>
  [
    'try() { if said=$(timeout 5 sh -c "$2" 2>&1); then echo "$1 open"; else echo "$1 closed $(echo $said | tail -c 90)"; fi; }',
    ...probes.flatMap(({ command }, index) => [
      `try ${index} '${command.replaceAll("'", `'\\''`)}' &`,
      ...(index % atOnce === atOnce - 1 ? ["wait"] : []),
    ]),
    "wait",
  ].join("\n")

/** Runs a script in a container as its own user, with its own rights. */
export const inContainer = (worker: LabWorker, container: string, script: string) =>
  run("docker", ["--host", `unix://${worker.socket}`, "exec", container, "sh", "-c", script])

export const tryAll = async (
  worker: LabWorker,
  container: string,
  probes: ReadonlyArray<Probe>,
): Promise<ReadonlyArray<Outcome>> => {
  const lines = (await inContainer(worker, container, shell(probes))).split("\n")
  return probes.map((probe, index) => {
    const line = lines.find((each) => each.startsWith(`${index} `)) ?? `${index} closed without a word`
    const [, word, said] = /^\d+ (open|closed) ?(.*)$/.exec(line) ?? []
    return { ...probe, from: worker.id, succeeded: word === "open", said: said ?? "" }
  })
}

/** The same one by one, for a kernel that is not good at many processes. */
export const tryEach = async (
  worker: LabWorker,
  container: string,
  probes: ReadonlyArray<Probe>,
): Promise<ReadonlyArray<Outcome>> => {
  const outcomes: Array<Outcome> = []
  for (const probe of probes) {
    const said = await inContainer(worker, container, `(${probe.command}) 2>&1 && echo open`).catch(String)
    outcomes.push({ ...probe, from: worker.id, succeeded: said.endsWith("open\n"), said: said.slice(-90) })
  }
  return outcomes
}

/** What went otherwise than it may: one line each, to be compared with none. */
export const wrong = (outcomes: ReadonlyArray<Outcome>): ReadonlyArray<string> =>
  outcomes
    .filter(({ allowed, succeeded }) => allowed !== succeeded)
    .map(({ from, what, succeeded, said }) =>
      `${from} → ${what}: ${succeeded ? "REACHED" : "not reached"} ${said}`.trim(),
    )
