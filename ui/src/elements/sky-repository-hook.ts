import type { Hook, Repository } from "@skypanel/contract/Repository"
import { html, LitElement, nothing } from "lit"
import { customElement, property, query, state } from "lit/decorators.js"
import { asProblem, type Problem } from "../data/problem.ts"
import { changeHook, makeHook, type OfService, removeHook } from "../data/repository.ts"
import { base } from "../style/base.ts"
import { controls } from "../style/controls.ts"
import { repositoryStyle } from "../style/repository.ts"
import { fire } from "./events.ts"
import { describedBy, field } from "./field.ts"
import { hookGuide } from "./hookGuide.ts"
import "./sky-code.ts"
import "./sky-confirm.ts"
import type { SkyConfirm } from "./sky-confirm.ts"
import "./sky-problem.ts"
import "./sky-time.ts"

const pathsHelp = "One pattern a line, as in a .gitignore, such as apps/web or !*.md. Empty: every push."

/** Where the repository's host tells of pushes, so that they deploy by themselves. */
@customElement("sky-repository-hook")
export class SkyRepositoryHook extends LitElement {
  @property({ attribute: false }) repository!: Repository
  @property({ attribute: false }) of!: OfService
  /** Shown until one leaves the page. */
  @state() private secret: string | null = null
  @state() private problem: Problem | null = null
  @state() private busy = false
  @query("#rotate") private readonly confirmRotate!: SkyConfirm
  @query("#remove") private readonly confirmRemove!: SkyConfirm

  static override styles = [base, controls, repositoryStyle]

  override render() {
    const { hook } = this.repository
    return html`<div class="stack">
      <h3>Webhook</h3>
      ${
        hook === null
          ? html`<p class="muted">With a webhook, your Git host tells of each push, and it deploys by itself.</p>
              <div><button type="button" class="primary" aria-disabled=${this.busy ? "true" : "false"} @click=${() => this.run(() => this.make())}>Make a webhook</button></div>`
          : this.shown(hook)
      }
      <sky-problem .problem=${this.problem}></sky-problem>
    </div>`
  }

  private shown(hook: Hook) {
    return html`<div>
        <p class="label">URL</p>
        <sky-code .value=${hook.url} what="webhook URL"></sky-code>
      </div>
      ${
        this.secret === null
          ? nothing
          : html`<div role="status">
              <p class="label">Secret</p>
              <sky-code .value=${this.secret} what="webhook secret"></sky-code>
              <p class="help">It is shown this once. Copy it to your Git host now.</p>
            </div>`
      }
      <p class="muted">
        ${hook.enabled ? "On" : "Off: it answers as if it were not there"}, made
        <sky-time .at=${hook.createdAt}></sky-time> by ${hook.createdBy}.
        ${
          hook.refusedAt === null
            ? nothing
            : html`<strong>A delivery was refused <sky-time .at=${hook.refusedAt}></sky-time>: its secret was another one.</strong>`
        }
      </p>
      ${hookGuide()} ${this.paths(hook)}
      <div class="row wrap">
        <button type="button" @click=${() => this.change({ enabled: !hook.enabled })}>Switch ${hook.enabled ? "off" : "on"}</button>
        <button type="button" @click=${() => this.confirmRotate.show()}>New secret</button>
        <button type="button" class="danger" @click=${() => this.confirmRemove.show()}>Delete webhook</button>
      </div>
      <sky-confirm id="rotate" heading="Make a new secret?" verb="Make a new secret" dangerous .run=${() => this.make()}>
        <p>Deliveries that are signed with the secret of before are refused at once.</p>
      </sky-confirm>
      <sky-confirm id="remove" heading="Delete this webhook?" verb="Delete" dangerous .run=${() => this.delete()}>
        <p>Its URL, and the list of what it delivered, are deleted. Pushes do not deploy any more.</p>
      </sky-confirm>`
  }

  private paths(hook: Hook) {
    const error = this.problem?.issues.find(({ path }) => path.startsWith("paths"))?.message ?? null
    return html`<form class="stack" novalidate @submit=${this.savePaths}>
      ${field(
        { id: "paths", label: "Deploy only when these change", help: pathsHelp, error },
        html`<textarea
          id="paths"
          class="mono"
          rows="3"
          spellcheck="false"
          aria-invalid=${error === null ? "false" : "true"}
          aria-describedby=${describedBy({ id: "paths", help: pathsHelp, error })}
          .defaultValue=${hook.paths.join("\n")}
        ></textarea>`,
      )}
      <div><button type="submit">Save paths</button></div>
    </form>`
  }

  private put(repository: Repository): void {
    this.dispatchEvent(new CustomEvent("repository", { detail: repository }))
  }

  private async make(): Promise<void> {
    const { repository, secret } = await makeHook(this.of)
    this.secret = secret
    this.put(repository)
  }

  private async delete(): Promise<void> {
    this.put(await removeHook(this.of))
    this.secret = null
  }

  private change(change: Parameters<typeof changeHook>[1]): void {
    void this.run(async () => {
      this.put(await changeHook(this.of, change))
      fire(this, "sky-notice", { tone: "good", text: "Saved." })
    })
  }

  private async run(work: () => Promise<void>): Promise<void> {
    if (this.busy) return
    this.busy = true
    this.problem = null
    try {
      await work()
    } catch (error) {
      this.problem = asProblem(error)
    } finally {
      this.busy = false
    }
  }

  private savePaths(event: Event): void {
    event.preventDefault()
    const text = this.renderRoot.querySelector<HTMLTextAreaElement>("#paths")!.value
    this.change({ paths: text.split("\n").flatMap((line) => line.trim() || []) })
  }
}
