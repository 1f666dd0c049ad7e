import type { DeploymentFailure } from "@skypanel/contract/Deployment"
import type { Source } from "@skypanel/contract/Source"
import { token, type Workbench } from "./Workbench.ts"

/** Builds what cannot be built, and gives why; throws when it shows what no customer shall read. */
export const failureOf = async (
  bench: Workbench,
  source: Source,
  limits: Parameters<Workbench["build"]>[1] = {},
): Promise<DeploymentFailure> => {
  const { observed, lines } = await bench.build(source, limits)
  const { failure } = observed
  if (failure === null) throw new Error(`it was built: ${JSON.stringify(observed.result)}`)
  const told = JSON.stringify([failure, lines])
  for (const hidden of [bench.config.dataFolder, bench.config.templates, bench.config.embedded, token]) {
    if (told.includes(hidden)) throw new Error(`it shows ${hidden}: ${told}`)
  }
  if (failure.lines.length > 40) throw new Error(`it has ${failure.lines.length} lines`)
  return failure
}
