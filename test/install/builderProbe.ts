import { spawn } from "node:child_process"
import { mkdirSync } from "node:fs"
import { join } from "node:path"
import type { Writable } from "node:stream"
import { Effect } from "effect"
import { type Confinement, confine, samePath } from "../../agent/src/builder/Confinement.ts"
import { openControlGroup } from "../../agent/src/builder/ControlGroup.ts"
import { findHost } from "../../agent/src/builder/HostFolders.ts"

/** A derivation that is built in Nix's own sandbox; what its shell needs of this machine is shown to it. */
const derivation = `derivation {
  name = "probe"; system = builtins.currentSystem; builder = "/bin/sh"; args = [ "-c" "echo built > $out" ];
}`
const sandbox = ["--option", "sandbox", "true", "--option", "sandbox-fallback", "false"]
const shell = ["--option", "sandbox-paths", "/bin/sh=/bin/dash /lib /lib64"]
/** Dockerfiles have tests of their own. */
type Kind = Exclude<Confinement["as"], "images">
const commands: Record<Kind, ReadonlyArray<string>> = {
  fetcher: ["git", "--version"],
  evaluator: ["nix-instantiate", "--eval", "--expr", "1 + 1"],
  builder: ["nix-build", "--no-out-link", ...sandbox, ...shell, "--expr", derivation],
}

const confinement = (as: Kind, stores: ReadonlyArray<string>): Confinement => ({
  as,
  network: null,
  writable: stores.map(samePath),
  readable: [],
  scratchBytes: 2 ** 26,
  fileBytes: 2 ** 30,
  addressBytes: null,
  environment: { NIX_REMOTE: "local" },
})

const run = (command: ReadonlyArray<string>, add: (pids: ReadonlyArray<number>) => Promise<void>) =>
  new Promise<string>((resolve) => {
    const [program = "", ...args] = command
    const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe", "pipe"], cwd: "/" })
    let output = ""
    for (const stream of [child.stdout, child.stderr])
      stream?.on("data", (text) => {
        output += text
      })
    child.once("error", (error) => resolve(error.message))
    child.once("close", (code) => resolve(code === 0 ? "ok" : `exit code ${code}: ${output.slice(-500)}`))
    const gate = child.stdio[3] as Writable
    gate.on("error", () => undefined)
    child.once("spawn", () => add([child.pid ?? 0]).then(() => gate.end("1")))
  })

/** Does what a builder does, as it does it, within what the unit allows: `ok`, or what went wrong, for each kind. */
export const probeBuilder = async (dataFolder: string): Promise<Record<string, string>> => {
  const stores = ["/nix"]
  for (const folder of ["/nix/store", "/nix/var"]) mkdirSync(folder, { recursive: true })
  mkdirSync(join(dataFolder, "builder"), { recursive: true })
  const host = await Effect.runPromise(findHost(join(dataFolder, "builder")))
  const limits = { memoryBytes: 2 ** 29, processes: 100, cores: 1 }
  const found: Record<string, string> = {}
  for (const as of ["builder", "fetcher", "evaluator"] as const) {
    found[as] = await Effect.gen(function* () {
      const group = yield* openControlGroup("skypanel-probe", as, limits)
      if (!group.bounded) return "there is no control group"
      return yield* Effect.promise(() => run(confine(host, confinement(as, stores), commands[as]), group.add))
    }).pipe(Effect.scoped, Effect.runPromise)
  }
  return found
}
