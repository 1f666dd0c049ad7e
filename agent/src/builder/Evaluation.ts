import { Effect } from "effect"
import { type BuildFailed, buildFailed } from "./BuildFailed.ts"
import type { BuildSpace } from "./BuildSpace.ts"
import { runConfined } from "./ConfinedProcess.ts"
import { confine, samePath } from "./Confinement.ts"
import { proxyUrl } from "./EgressNamespace.ts"
import { explainEvaluation } from "./explain/EvaluationFailure.ts"
import { type Names, noNames } from "./explain/NearestName.ts"
import { plainLine } from "./LogText.ts"
import {
  type Evaluated,
  evaluationText,
  insidePath,
  type Material,
  namesText,
  type Packages,
  parseEvaluated,
} from "./NixExpression.ts"
import { nixSettings } from "./NixSettings.ts"

/** What is evaluated: Nix text in which `pkgs` is bound, and the files of this machine that it reads. */
export interface EvaluationInput {
  readonly value: string
  readonly materials: ReadonlyArray<Material>
  /** Flakes fetch their locked inputs, through the egress proxy; nothing else has a network. */
  readonly network: boolean
}

const MiB = 1024 * 1024
const keptLines = 400

interface Evaluation {
  readonly json: string
  readonly lines: ReadonlyArray<string>
  readonly ended: {
    readonly exitCode: number | null
    readonly stopped: "time" | "output" | "asked" | null
    readonly signal: string | null
  }
  readonly outOfMemory: boolean
}

/** Runs the evaluator without capabilities, in mounts that hold the store and the materials and nothing else. */
const evaluateText = (
  space: BuildSpace,
  text: string,
  input: Omit<EvaluationInput, "value">,
): Effect.Effect<Evaluation> =>
  Effect.gen(function* () {
    const { limits } = space.assignment
    const settings = nixSettings("evaluate", { buildSeconds: 0, silentSeconds: 0, logBytes: 0 }, 1)
    const stdout: Array<string> = []
    const stderr: Array<string> = []
    const before = yield* Effect.promise(() => space.group.memoryKills())
    const ended = yield* runConfined(
      confine(
        space.host,
        {
          as: "evaluator",
          network: input.network ? space.network.path : null,
          writable: [samePath("/nix")],
          readable: input.materials
            .filter(({ path }) => !path.startsWith("/nix/"))
            .map((material) => ({ from: material.path, to: insidePath(material) })),
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
        ["nix-instantiate", "--eval", "--strict", "--json", "--read-write-mode", "--expr", text],
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
    const after = yield* Effect.promise(() => space.group.memoryKills())
    return { json: stdout.join("\n"), lines: stderr, ended, outOfMemory: after > before }
  })

/** The names that a message may have meant; looked up only after one was not found. */
const availableNames = (space: BuildSpace, packages: Packages): Effect.Effect<Names> =>
  Effect.map(
    evaluateText(space, namesText(packages), { materials: [packages], network: false }),
    ({ json, ended }) => (ended.exitCode === 0 ? (JSON.parse(json) as Names) : noNames),
  )

/** Evaluates, bounded in time and memory, and registers the derivation in the store. */
export const evaluate = (
  space: BuildSpace,
  packages: Packages,
  input: EvaluationInput,
): Effect.Effect<Evaluated, BuildFailed> =>
  Effect.gen(function* () {
    const evaluation = yield* evaluateText(space, evaluationText(packages, input.value), {
      network: input.network,
      materials: [packages, ...input.materials],
    })
    if (evaluation.ended.exitCode === 0) {
      const found = parseEvaluated(evaluation.json)
      if ("drvPath" in found) return found
      return yield* buildFailed(
        "evaluation-failed",
        `The expression gives a ${found.type}, not a derivation.`,
        "Let it give a derivation, or a function of { pkgs, … } that gives one.",
        found.attributes.length === 0
          ? {}
          : { detail: `It has ${found.attributes.slice(0, 20).join(", ")}.` },
      )
    }
    const wantsNames = evaluation.lines.some((line) =>
      /undefined variable|attribute '.*' missing|without required argument/.test(line),
    )
    return yield* explainEvaluation({
      lines: evaluation.lines,
      ended: evaluation.ended,
      outOfMemory: evaluation.outOfMemory,
      limits: space.assignment.limits,
      names: wantsNames ? yield* availableNames(space, packages) : noNames,
    })
  })
