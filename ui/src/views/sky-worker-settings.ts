import type { CreatedInstallation } from "@skypanel/contract/Installation"
import type { Worker } from "@skypanel/contract/Worker"
import { css, html, LitElement, nothing, type PropertyValues } from "lit"
import { customElement, property, query, state } from "lit/decorators.js"
import { type Draft, draft } from "../data/draft.ts"
import { replaceIdentity } from "../data/installations.ts"
import { asProblem, type Problem } from "../data/problem.ts"
import { updateWorker } from "../data/workers.ts"
import { canWorker } from "../domain/canWorker.ts"
import { issuesInRows, labelsOf } from "../domain/labelsForm.ts"
import type { FieldIssue } from "../domain/serviceForm.ts"
import { formOfWorker, type WorkerForm } from "../domain/workerForm.ts"
import { actionButton } from "../elements/action.ts"
import { fire } from "../elements/events.ts"
import { describedBy, errorAt, field, focusFirstWrong } from "../elements/field.ts"
import "../elements/sky-confirm.ts"
import type { SkyConfirm } from "../elements/sky-confirm.ts"
import "../elements/sky-installation.ts"
import "../elements/sky-labels-fields.ts"
import "../elements/sky-problem.ts"
import "../elements/sky-worker-removal.ts"
import { actions } from "../style/actions.ts"
import { base } from "../style/base.ts"
import { controls } from "../style/controls.ts"

/** What is rarely needed: a worker's name, labels and region, a new identity, and removing it. */
@customElement("sky-worker-settings")
export class SkyWorkerSettings extends LitElement {
  @property({ attribute: false }) worker!: Worker
  @state() private form: WorkerForm | null = null
  @state() private issues: readonly FieldIssue[] = []
  @state() private problem: Problem | null = null
  @state() private busy = false
  @state() private created: CreatedInstallation | null = null
  @query("#replace") private readonly confirmReplace!: SkyConfirm
  private draft: Draft<WorkerForm> = draft("")

  static override styles = [
    base,
    controls,
    actions,
    css`
      section {
        padding: 16px;
      }
      .two {
        display: grid;
        grid-template-columns: repeat(2, minmax(0, 1fr));
        gap: 16px;
      }
      @media (max-width: 700px) {
        .two {
          grid-template-columns: minmax(0, 1fr);
        }
      }
    `,
  ]

  override willUpdate(changed: PropertyValues<this>): void {
    const before = changed.get("worker") as Worker | undefined
    if (changed.has("worker") && before?.id !== this.worker.id) this.draft = draft(`worker.${this.worker.id}`)
    // Until somebody types, the fields follow what the worker has.
    this.form = this.draft.read() ?? formOfWorker(this.worker)
  }

  override render() {
    return html`<div class="stack">
      ${this.form === null ? nothing : this.fields(this.form)} ${this.identity()}
      <sky-worker-removal .worker=${this.worker}></sky-worker-removal>
    </div>`
  }

  private fields(form: WorkerForm) {
    const whyNot = this.busy ? "It is being saved." : canWorker.update(this.worker)
    return html`<section class="card" aria-labelledby="fields">
      <form class="stack" novalidate @submit=${this.save}>
        <h2 id="fields">Name, region and labels</h2>
        <div class="two">
          ${this.text("name", "Name", form.name, "Its page moves with it; services do not notice")}
          ${this.text("region", "Region", form.region, "Where it stands. May be empty")}
        </div>
        <sky-labels-fields
          .rows=${form.labels}
          .issues=${this.issues}
          @labels=${(event: CustomEvent<WorkerForm["labels"]>) => this.put({ labels: event.detail }, "labels")}
        ></sky-labels-fields>
        <sky-problem .problem=${this.problem}></sky-problem>
        <div class="row wrap">
          <button class="primary" type="submit" aria-disabled=${whyNot === null ? "false" : "true"} title=${whyNot ?? nothing}>
            Save
          </button>
          ${this.draft.read() === null ? nothing : html`<button type="button" @click=${this.discard}>Discard</button>`}
        </div>
      </form>
    </section>`
  }

  private text(key: "name" | "region", label: string, value: string, help: string) {
    const error = errorAt(this.issues, key)
    return field(
      { id: key, label, help, error },
      html`<input
        id=${key}
        class="mono"
        autocomplete="off"
        autocapitalize="off"
        spellcheck="false"
        aria-invalid=${error === null ? "false" : "true"}
        aria-describedby=${describedBy({ id: key, help, error })}
        .value=${value}
        @input=${(event: Event) => this.put({ [key]: (event.target as HTMLInputElement).value }, key)}
      />`,
    )
  }

  private put(part: Partial<WorkerForm>, path: string): void {
    if (this.form === null) return
    this.draft.write({ ...this.form, ...part })
    this.issues = this.issues.filter((issue) => issue.path !== path && !issue.path.startsWith(`${path}.`))
    this.requestUpdate()
  }

  private discard(): void {
    this.draft.drop()
    this.issues = []
    this.problem = null
    this.requestUpdate()
  }

  private async save(event: Event): Promise<void> {
    event.preventDefault()
    if (this.busy || this.form === null || canWorker.update(this.worker) !== null) return
    this.problem = null
    const { name, region, labels } = this.form
    const doubled = issuesInRows(labels)
    if (doubled.length > 0) return this.mark(doubled)
    this.busy = true
    try {
      const worker = await updateWorker(this.worker.name, {
        name: name.trim(),
        region: region.trim() === "" ? null : region.trim(),
        labels: labelsOf(labels),
      })
      this.draft.drop()
      fire(this, "sky-notice", { tone: "good", text: "Saved." })
      if (worker.name === this.worker.name) this.dispatchEvent(new CustomEvent("ordered", { detail: worker }))
      else fire(this, "sky-go", { view: "worker", worker: worker.name, tab: "settings" })
    } catch (error) {
      const problem = asProblem(error)
      if (problem.kind === "NameTaken") this.mark([{ path: "name", message: problem.message }])
      else {
        this.problem = problem
        this.mark(problem.issues)
      }
    } finally {
      this.busy = false
    }
  }

  private mark(issues: readonly FieldIssue[]): void {
    this.issues = issues
    void this.updateComplete.then(() => requestAnimationFrame(() => focusFirstWrong(this.renderRoot)))
  }

  private identity() {
    if (this.created !== null) return html`<sky-installation .created=${this.created}></sky-installation>`
    return html`<section class="card stack" aria-labelledby="identity">
        <div>
          <h2 id="identity">Replace its identity</h2>
          <p class="muted">
            For a machine that was installed anew, or whose key may be known to somebody. It stays the same worker, with
            its history; the key it has now is revoked when the new one is used.
          </p>
        </div>
        <div>
          ${actionButton({
            title: "Make a command for it",
            icon: "key",
            whyNot: canWorker.replaceIdentity(this.worker),
            run: () => this.confirmReplace.show(),
          })}
        </div>
      </section>
      <sky-confirm
        id="replace"
        heading="Replace the identity of ${this.worker.name}?"
        verb="Make the command"
        .run=${() => this.replace()}
      >
        <p>You get a command that is shown only once. Nothing changes until it is run on the machine.</p>
      </sky-confirm>`
  }

  private async replace(): Promise<void> {
    this.created = await replaceIdentity(this.worker.name)
  }
}
