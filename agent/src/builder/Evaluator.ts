import { Effect } from "effect"
import type { BuildSpace } from "./BuildSpace.ts"
import { runConfined } from "./ConfinedProcess.ts"
import { confine } from "./Confinement.ts"
import { proxyUrl } from "./EgressNamespace.ts"
import { plainLine } from "./LogText.ts"
import { insidePath, type Material } from "./NixExpression.ts"
import { nixSettings } from "./NixSettings.ts"

/** What is evaluated: Nix text in which `pkgs` is bound, and the files of this machine that it reads. */
export interface EvaluationInput {
  readonly value: string
  readonly materials: ReadonlyArray<Material>
  /** Flakes fetch their locked inputs, through the egress proxy; nothing else has a network. */
  readonly network: boolean
  /** Whether the customer wrote no Nix: then what is thrown is our own word about the source. */
  readonly ours: boolean
}

const MiB = 1024 * 1024
const keptLines = 400

/** What a run of the evaluator has left. */
export interface EvaluatorRun {
  readonly stdout: string
  readonly lines: ReadonlyArray<string>
  readonly ended: {
    readonly exitCode: number | null
    readonly stopped: "time" | "output" | "asked" | null
    readonly signal: string | null
  }
  readonly outOfMemory: boolean
  readonly outOfDisk: "store" | "builder" | null
}

/** Runs Nix without capabilities, in mounts that hold the organization's own store, the materials and nothing else. */
export const runEvaluator = (
  space: BuildSpace,
  input: Pick<EvaluationInput, "materials" | "network">,
  command: ReadonlyArray<string>,
): Effect.Effect<EvaluatorRun> =>
  Effect.gen(function* () {
    const { limits } = space.assignment
    const settings = nixSettings("evaluate", { buildSeconds: 0, silentSeconds: 0, logBytes: 0 }, 1)
    const stdout: Array<string> = []
    const stderr: Array<string> = []
    const before = yield* Effect.promise(() => space.group.memoryKills())
    const isInStore = ({ path }: Material) => path.startsWith("/nix/")
    const packages = input.materials.filter(isInStore).map(({ path }) => path)
    const shown = yield* space.evaluationStore.show(packages)
    const running = runConfined(
      confine(
        space.host,
        {
          as: "evaluator",
          network: input.network ? space.network.path : null,
          store: space.evaluationStore.binds,
          writable: [],
          readable: [
            ...shown,
            ...input.materials
              .filter((material) => !isInStore(material))
              .map((material) => ({ from: material.path, to: insidePath(material) })),
          ],
          scratchBytes: 64 * MiB,
          fileBytes: Math.max(limits.sourceBytes, 64 * MiB),
          addressBytes: space.group.bounded ? null : limits.memoryBytes,
          environment: {
            NIX_CONFIG: input.network
              ? settings.replace("restrict-eval = true", "restrict-eval = false")
              : settings,
            NIX_CONF_DIR: "/var/empty",
            GC_MAXIMUM_HEAP_SIZE: String(Math.floor(limits.memoryBytes * 0.9)),
            NO_COLOR: "1",
            ...(input.network ? { http_proxy: proxyUrl, https_proxy: proxyUrl } : {}),
          },
        },
        command,
      ),
      {
        group: space.group,
        seconds: limits.evaluationSeconds,
        outputBytes: 2 * MiB,
        onLine: (stream, line) => {
          if (stream === "stdout") stdout.push(line)
          else if (stderr.push(plainLine(line)) > keptLines) stderr.splice(50, 1)
        },
      },
    )
    const outgrown = space.evaluationStore.outgrown(space.config)
    const ended = yield* Effect.raceFirst(running, outgrown)
    const after = yield* Effect.promise(() => space.group.memoryKills())
    return {
      stdout: stdout.join("\n"),
      lines: stderr,
      ended: typeof ended === "string" ? { exitCode: null, stopped: "asked", signal: null } : ended,
      outOfMemory: after > before,
      outOfDisk: typeof ended === "string" ? ended : null,
    }
  })
