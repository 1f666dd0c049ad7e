import type { Source } from "@skypanel/contract/Source"
import { assignment, type Workbench } from "./Workbench.ts"

/** Checks the source on a real builder, and gives what it reports. */
export const checkOn = async (
  bench: Workbench,
  source: Source,
  limits: Parameters<typeof assignment>[1] = {},
  more: Partial<ReturnType<typeof assignment>> = {},
) => {
  const check = { ...assignment(source, limits), check: true, ...more }
  await bench.assign(check)
  const { observed } = await bench.finished(check.id)
  await bench.unassign(check.id)
  return observed
}
