import type { StackFailure, StackPart, StackStepState } from "@skypanel/contract/Stack"

/** A service's step as it stands. */
export interface Step {
  readonly key: string
  readonly state: StackStepState
  readonly detail: string | null
  /** Since when what it needs was to be healthy and was not; milliseconds. */
  readonly heldUpAt: number | null
}

/** What is seen of a service now. */
export interface Seen {
  /** All its instances are. */
  readonly healthy: boolean
  /** How the step's deployment ended: null while it goes on. */
  readonly ended: "live" | { readonly title: string; readonly next: string } | null
}

export interface Progress {
  readonly steps: ReadonlyArray<Step>
  /** Whose turn it is. */
  readonly start: ReadonlyArray<string>
  readonly status: "deploying" | "live" | "failed"
  readonly failure: StackFailure | null
}

/** How long a service waits for the health of those that it needs, once they are deployed. */
export const healthSeconds = 60

const isDone = ({ state }: Step) => state === "live" || state === "unchanged"
const nothingSeen: Seen = { healthy: false, ended: null }

/** How the deployments that were under way have ended. */
const settle = (steps: ReadonlyArray<Step>, seen: ReadonlyMap<string, Seen>) => {
  const failures: Array<StackFailure> = []
  const settled = steps.map((step): Step => {
    const ended = step.state === "deploying" ? (seen.get(step.key) ?? nothingSeen).ended : null
    if (ended === null) return step
    if (ended === "live") return { ...step, state: "live", detail: null }
    failures.push({ key: step.key, ...ended })
    return { ...step, state: "failed", detail: ended.title }
  })
  return { settled, failures }
}

/** What follows for a revision from what is seen: `before` is why it failed already, while others still go on. */
export const progressOf = (
  parts: ReadonlyArray<StackPart>,
  steps: ReadonlyArray<Step>,
  seen: ReadonlyMap<string, Seen>,
  before: StackFailure | null,
  now: number,
): Progress => {
  const { settled, failures } = settle(steps, seen)
  const byKey = new Map(settled.map((step) => [step.key, step]))
  const start: Array<string> = []
  const advanced = settled.map((step): Step => {
    if (step.state !== "waiting" || before !== null || failures.length > 0) return step
    const needs = parts.find(({ key }) => key === step.key)?.needs ?? []
    const open = needs.filter((key) => !isDone(byKey.get(key)!))
    if (open.length > 0) return { ...step, detail: `waits for ${open.join(" and ")}` }
    const ill = needs.filter((key) => !(seen.get(key) ?? nothingSeen).healthy)
    if (ill.length === 0) {
      start.push(step.key)
      return { ...step, state: "deploying", detail: null, heldUpAt: null }
    }
    const since = step.heldUpAt ?? now
    if (now - since < healthSeconds * 1000)
      return { ...step, detail: `waits for ${ill.join(" and ")} to be healthy`, heldUpAt: since }
    const title = `It needs ${ill.join(" and ")}, which did not get healthy within ${healthSeconds} seconds.`
    failures.push({ key: step.key, title, next: `Look at ${ill[0]}, and update the stack when it is well.` })
    return { ...step, state: "failed", detail: title }
  })
  const failure = before ?? failures[0] ?? null
  const final =
    failure === null
      ? advanced
      : advanced.map(
          (step): Step => (step.state === "waiting" ? { ...step, state: "skipped", detail: null } : step),
        )
  const goesOn = final.some(({ state }) => state === "waiting" || state === "deploying")
  return {
    steps: final,
    start,
    status: goesOn ? "deploying" : failure === null ? "live" : "failed",
    failure,
  }
}
