import type { ReactiveController, ReactiveControllerHost } from "lit"
import { asProblem, type Problem } from "../data/problem.ts"
import { checkStack } from "../data/stackTemplates.ts"
import { type PlacedIssue, placedIssues, readStackText } from "../domain/stackText.ts"

const pauseMs = 400

/** Checks the text of a stack whenever nobody has typed in it for a moment; the newest text is the one that counts. */
export class StackCheck implements ReactiveController {
  /** Null: it was not looked at yet. */
  issues: readonly PlacedIssue[] | null = null
  /** It could not be looked at. */
  problem: Problem | null = null
  private looked: readonly unknown[] = []
  private pause: ReturnType<typeof setTimeout> | undefined
  private running: AbortController | null = null
  private readonly host: ReactiveControllerHost

  constructor(host: ReactiveControllerHost) {
    this.host = host
    host.addController(this)
  }

  hostDisconnected(): void {
    this.stop()
    this.looked = []
  }

  /** The same again changes nothing. */
  look(organization: string, text: string, everyone: boolean): void {
    const now = [organization, text, everyone]
    if (now.every((part, at) => part === this.looked[at])) return
    this.looked = now
    this.stop()
    this.pause = setTimeout(() => void this.start(organization, text, everyone), pauseMs)
  }

  private stop(): void {
    clearTimeout(this.pause)
    this.running?.abort()
    this.running = null
  }

  private async start(organization: string, text: string, everyone: boolean): Promise<void> {
    const running = new AbortController()
    this.running = running
    this.problem = null
    const read = readStackText(text, "", everyone)
    if (read.issues !== null) this.issues = read.issues
    else
      try {
        const { issues } = await checkStack(organization, read.request, running.signal)
        if (running.signal.aborted) return
        this.issues = placedIssues(text, issues)
      } catch (error) {
        if (running.signal.aborted) return
        const problem = asProblem(error)
        this.issues = placedIssues(text, problem.issues)
        this.problem = problem.issues.length > 0 ? null : problem
      }
    this.host.requestUpdate()
  }
}
