import type { Check, Diagnostic } from "@skypanel/contract/Check"
import type { ReactiveController, ReactiveControllerHost } from "lit"
import { checkSource } from "../data/checks.ts"
import { asProblem, type Problem } from "../data/problem.ts"

/** What a builder found in this text; another one was not looked at. */
export interface Checked {
  readonly text: string
  readonly diagnostics: ReadonlyArray<Diagnostic>
}

const pauseMs = 400

/** Checks an expression whenever nobody has typed in it for a moment; the newest text is the one that counts. */
export class SourceCheck implements ReactiveController {
  /** Of the newest text that was checked; it stays while a newer one is. */
  check: Check | null = null
  problem: Problem | null = null
  busy = false
  private text = ""
  private organization = ""
  private pause: ReturnType<typeof setTimeout> | undefined
  private running: AbortController | null = null
  private readonly host: ReactiveControllerHost
  private readonly onChecked: (checked: Checked) => void

  constructor(host: ReactiveControllerHost, onChecked: (checked: Checked) => void) {
    this.host = host
    this.onChecked = onChecked
    host.addController(this)
  }

  hostDisconnected(): void {
    this.stop()
    this.text = ""
  }

  /** The same again changes nothing. */
  look(organization: string, text: string): void {
    if (organization === this.organization && text === this.text) return
    this.organization = organization
    this.text = text
    this.stop()
    if (text.trim() === "") {
      this.check = null
      this.problem = null
      return
    }
    this.busy = true
    this.pause = setTimeout(() => this.again(), pauseMs)
  }

  again(): void {
    this.stop()
    void this.run(this.organization, this.text)
  }

  private stop(): void {
    clearTimeout(this.pause)
    this.running?.abort()
    this.running = null
    this.busy = false
  }

  private async run(organization: string, text: string): Promise<void> {
    const running = new AbortController()
    this.running = running
    this.busy = true
    this.host.requestUpdate()
    const done = await checkSource(
      organization,
      { source: { _tag: "expression", expression: text } },
      running.signal,
    ).catch(asProblem)
    if (running.signal.aborted) return
    this.busy = false
    if (done instanceof Error) this.problem = done
    else {
      this.check = done
      this.problem = null
      this.onChecked({ text, diagnostics: done.diagnostics })
    }
    this.host.requestUpdate()
  }
}
