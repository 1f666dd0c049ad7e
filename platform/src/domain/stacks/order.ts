import type { StackPart } from "@skypanel/contract/Stack"
import { Result } from "effect"

type Needing = Pick<StackPart, "key" | "needs">

/** The parts, each after all that it needs; fails with the circle, such as `a → b → a`, where there is one. */
export const deployOrder = <P extends Needing>(
  parts: ReadonlyArray<P>,
): Result.Result<ReadonlyArray<P>, string> => {
  const byKey = new Map(parts.map((part) => [part.key, part]))
  const ordered = new Set<P>()
  const visit = (part: P, path: ReadonlyArray<string>): string | null => {
    if (ordered.has(part)) return null
    const at = path.indexOf(part.key)
    if (at >= 0) return [...path.slice(at), part.key].join(" → ")
    for (const need of part.needs) {
      const needed = byKey.get(need)
      const circle = needed === undefined ? null : visit(needed, [...path, part.key])
      if (circle !== null) return circle
    }
    ordered.add(part)
    return null
  }
  for (const part of parts) {
    const circle = visit(part, [])
    if (circle !== null) return Result.fail(circle)
  }
  return Result.succeed([...ordered])
}
