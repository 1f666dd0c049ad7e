import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Effect } from "effect"
import { Build } from "../agent/src/builder/Build.ts"
import { openBuildSpace, sweepBuilds } from "../agent/src/builder/BuildSpaces.ts"
import { runCommand } from "../agent/src/builder/Command.ts"
import { evaluate } from "../agent/src/builder/Evaluation.ts"
import { EvaluationStores } from "../agent/src/builder/EvaluationStores.ts"
import { findHost } from "../agent/src/builder/HostFolders.ts"
import { narHash } from "../agent/src/builder/NarHash.ts"
import { evaluationText, materialText } from "../agent/src/builder/NixExpression.ts"
import { nixSettings } from "../agent/src/builder/NixSettings.ts"
import { preparePackages } from "../agent/src/builder/PackageSetChoice.ts"
import { assignment, openWorkbench } from "../agent/src/builder/testing/Workbench.ts"
import { packagesFolder } from "../test/lab/packagesFolder.ts"
import { type Row, rowOf } from "./row.ts"

/** A service of Python with some packages: what is evaluated is about a hundred derivations. */
const expression = `{ pkgs, ... }: pkgs.writeShellScriptBin "service" ''
  exec \${pkgs.python3.withPackages (packages: [ packages.flask packages.gunicorn ])}/bin/python3 -c 'print("service")'
''`

const milliseconds = async (run: () => Promise<unknown>) => {
  const begun = performance.now()
  await run()
  return performance.now() - begun
}

/**
 * The same text evaluated as a build does it, from the making of its network, control group and mounts until they are
 * gone, and by `nix-instantiate` alone; for an organization that evaluated it before, and for one that is new.
 */
export const evaluationBenchmark = async (runs: number): Promise<ReadonlyArray<Row>> => {
  const folder = mkdtempSync(join(tmpdir(), "skypanel-bench-evaluation-"))
  const bench = await openWorkbench({ dataFolder: join(folder, "data") })
  const { config } = bench
  try {
    const packages = await Effect.runPromise(preparePackages({ ...config, dataFolder: packagesFolder }))
    if (packages === null) throw new Error("there is no package set")
    const host = await Effect.runPromise(findHost(config.dataFolder))
    const file = join(folder, "expression.nix")
    writeFileSync(file, expression)
    const material = { name: "expression.nix", path: file, narHash: await narHash(file) }
    const input = {
      value: `import (${materialText(material)})`,
      materials: [material],
      network: false,
      ours: false,
    }
    const confined = (stores: EvaluationStores) => {
      const build = new Build(config, assignment({ _tag: "expression", expression }), () => undefined)
      return Effect.runPromise(
        Effect.scoped(
          Effect.flatMap(openBuildSpace(config, host, stores, build), (space) =>
            evaluate(space, packages, input),
          ),
        ),
      )
    }
    const text = evaluationText(packages.packages, input.value).replaceAll("/material/expression.nix", file)
    const bare = () =>
      Effect.runPromise(
        runCommand(["nix-instantiate", "--eval", "--strict", "--json", "--read-write-mode", "--expr", text], {
          seconds: 60,
          environment: {
            HOME: folder,
            NIX_CONFIG: nixSettings("evaluate", { buildSeconds: 0, silentSeconds: 0, logBytes: 0 }, 1),
            NIX_CONF_DIR: "/var/empty",
          },
        }),
      )
    const failed = await bare()
    if (failed.exitCode !== 0) throw new Error(failed.stderr)
    const known = new EvaluationStores(config)
    await confined(known)
    const again: Array<{ ours: number; theirs: number }> = []
    for (let run = 0; run < runs * 2; run++)
      again.push({ ours: await milliseconds(() => confined(known)), theirs: await milliseconds(bare) })
    const first: Array<{ ours: number; theirs: number }> = []
    for (let run = 0; run < runs; run++)
      first.push({
        ours: await milliseconds(() => confined(new EvaluationStores(config))),
        theirs: await milliseconds(bare),
      })
    return [
      rowOf("evaluation in a build's isolation (against nix-instantiate alone)", "ms", again),
      rowOf("the same, the first one of an organization", "ms", first),
    ]
  } finally {
    await Effect.runPromise(sweepBuilds(config))
    await bench.close()
    rmSync(folder, { recursive: true, force: true })
  }
}
