import { writeStackFile } from "@skypanel/contract/StackFile"
import type { StackHistory } from "@skypanel/contract/StackTemplate"
import { css, html, LitElement, nothing, type PropertyValues } from "lit"
import { customElement, property, state } from "lit/decorators.js"
import { StackCheck } from "../app/StackCheck.ts"
import { asProblem, type Problem } from "../data/problem.ts"
import { addStack } from "../data/stackTemplates.ts"
import { sampleStack } from "../domain/sampleStack.ts"
import {
  type DrawnPart,
  type PlacedIssue,
  partsInText,
  placedIssues,
  readStackText,
} from "../domain/stackText.ts"
import { base } from "../style/base.ts"
import { choices } from "../style/choices.ts"
import { controls } from "../style/controls.ts"
import { choice } from "./choice.ts"
import { icon } from "./icons.ts"
import "./sky-problem.ts"
import "./sky-stack-graph.ts"

/** Writes a stack of the library, or the next version of one that is there. Says `added` with it, or `left`. */
@customElement("sky-stack-form")
export class SkyStackForm extends LitElement {
  /** Whose next version it is; null: a new stack. */
  @property({ attribute: false }) of: StackHistory | null = null
  @property() organization = ""
  @property({ type: Boolean }) administrator = false
  @state() private text = sampleStack
  @state() private everyone = false
  @state() private problem: Problem | null = null
  @state() private busy = false
  /** Of the text that could be read last: half a word more does not take the picture away. */
  private drawn: readonly DrawnPart[] = []

  private readonly check = new StackCheck(this)

  static override styles = [
    base,
    controls,
    choices,
    css`
      form {
        padding: 16px;
      }
      .both {
        display: grid;
        grid-template-columns: repeat(auto-fit, minmax(min(420px, 100%), 1fr));
        gap: 16px;
        align-items: start;
      }
      textarea {
        font-family: var(--sky-mono);
        font-size: 13px;
        min-height: 420px;
        width: 100%;
      }
      .picture {
        padding: 16px;
        min-width: 0;
        overflow-x: auto;
      }
      ul {
        margin: 0;
        padding: 0;
        list-style: none;
        display: grid;
        gap: 8px;
      }
      li {
        display: flex;
        gap: 8px;
        overflow-wrap: anywhere;
      }
      li .icon {
        color: var(--sky-bad);
        margin-top: 3px;
        flex: none;
      }
    `,
  ]

  override willUpdate(changed: PropertyValues<this>): void {
    const definition = this.of?.versions[0]?.definition
    if (changed.has("of") && this.of !== null && definition !== undefined) {
      this.text = writeStackFile(this.of.name, definition)
      this.everyone = this.of.owner === "everyone"
    }
    this.drawn = partsInText(this.text) ?? this.drawn
    this.check.look(this.organization, this.text, this.everyone)
  }

  override render() {
    return html`<form class="card stack" novalidate aria-label="Stack" @submit=${this.add}>
      <h2>${this.of === null ? "New stack of the library" : `Next version of ${this.of.name}`}</h2>
      <div class="both">
        <div class="field">
          <label for="text">Services, as <code>stack.json</code> has them</label>
          <textarea
            id="text"
            spellcheck="false"
            aria-describedby="found"
            .value=${this.text}
            @input=${(event: Event) => {
              this.text = (event.target as HTMLTextAreaElement).value
              this.problem = null
            }}
          ></textarea>
        </div>
        <div class="stack">
          <section class="card picture" aria-label="Picture">
            <sky-stack-graph plain .services=${this.drawn}></sky-stack-graph>
          </section>
          <div id="found" role="status">${this.found()}</div>
        </div>
      </div>
      ${
        this.administrator && this.of === null
          ? choice({
              id: "everyone",
              title: "For everyone",
              help: "All organizations see it once it is published. It names templates that everyone has.",
              checked: this.everyone,
              choose: (everyone) => {
                this.everyone = everyone
              },
            })
          : nothing
      }
      <sky-problem .problem=${this.problem}></sky-problem>
      <div class="row wrap">
        <button class="primary" type="submit" aria-disabled=${this.busy ? "true" : "false"}>Save as a draft</button>
        <button type="button" @click=${() => this.dispatchEvent(new Event("left"))}>Cancel</button>
      </div>
    </form>`
  }

  private found() {
    const { issues, problem } = this.check
    if (problem !== null) return html`<sky-problem .problem=${problem}></sky-problem>`
    if (issues === null) return html`<p class="small muted">It is looked at…</p>`
    if (issues.length === 0) return html`<p class="small muted">Nothing is wrong with it.</p>`
    return html`<ul aria-label="What is wrong">
      ${issues.map((issue) => this.issue(issue))}
    </ul>`
  }

  private issue({ path, message, line }: PlacedIssue) {
    return html`<li>
      ${icon("warning")}
      <span
        >${line === null ? nothing : html`<span class="muted number">Line ${line}, </span>`}<code>${path}</code>:
        ${message}</span
      >
    </li>`
  }

  private async add(event: Event): Promise<void> {
    event.preventDefault()
    if (this.busy) return
    const { versions: [newest] = [] } = this.of ?? {}
    const read = readStackText(this.text, newest?.definition.icon ?? "", this.everyone)
    if (read.issues !== null) {
      this.check.issues = read.issues
      return this.requestUpdate()
    }
    this.busy = true
    this.problem = null
    try {
      const detail = await addStack(this.organization, read.request)
      this.dispatchEvent(new CustomEvent("added", { detail }))
    } catch (error) {
      const problem = asProblem(error)
      this.problem = problem
      if (problem.issues.length > 0) this.check.issues = placedIssues(this.text, problem.issues)
    } finally {
      this.busy = false
    }
  }
}
