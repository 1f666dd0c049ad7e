import { isDeepStrictEqual } from "node:util"
import type { PartSettings, StackPart, StackSettings } from "@skypanel/contract/Stack"

/** What somebody set to what the template had by then follows the template; everything else stays as it was set. */
const movePart = (
  { environment, volumeBytes, ...set }: PartSettings,
  before: StackPart | undefined,
  after: StackPart,
): PartSettings => {
  const kept = Object.entries(set).filter(
    ([field, value]) => !isDeepStrictEqual(before?.[field as keyof typeof set], value),
  )
  const variables = Object.entries(environment ?? {}).filter(
    ([name, value]) => before === undefined || before.environment[name] !== value,
  )
  return {
    ...Object.fromEntries(kept),
    ...(variables.length > 0 && { environment: Object.fromEntries(variables) }),
    ...(volumeBytes !== undefined &&
      after.volume !== null &&
      volumeBytes !== before?.volume?.sizeBytes && { volumeBytes }),
  }
}

/** What is set of a stack's services, for another version of its template: without what that does not have. */
export const moveSettings = (
  settings: StackSettings,
  before: ReadonlyArray<StackPart>,
  after: ReadonlyArray<StackPart>,
): StackSettings =>
  Object.fromEntries(
    after.flatMap((part) => {
      const set = settings[part.key]
      if (set === undefined) return []
      const moved = movePart(
        set,
        before.find(({ key }) => key === part.key),
        part,
      )
      return Object.keys(moved).length === 0 ? [] : [[part.key, moved]]
    }),
  )
