import type { FleetPolicy } from "@skypanel/contract/Fleet"
import { html, LitElement, nothing } from "lit"
import { customElement, state } from "lit/decorators.js"
import { Resource } from "../app/Resource.ts"
import { draft } from "../data/draft.ts"
import { readFleet, setFleetPolicy } from "../data/fleet.ts"
import { asProblem, type Problem } from "../data/problem.ts"
import { formOfPolicy, type NumberField, type PolicyForm, readPolicy } from "../domain/policyForm.ts"
import type { FieldIssue } from "../domain/serviceForm.ts"
import { fire } from "../elements/events.ts"
import { describedBy, errorAt, field, focusFirstWrong } from "../elements/field.ts"
import "../elements/sky-problem.ts"
import "../elements/sky-scaling-fields.ts"
import "../elements/sky-skeleton.ts"
import { base } from "../style/base.ts"
import { choices } from "../style/choices.ts"
import { controls } from "../style/controls.ts"
import { policyStyle } from "./policyStyle.ts"

const failovers: readonly {
  readonly value: FleetPolicy["failover"]["kind"]
  readonly title: string
  readonly text: string
}[] = [
  {
    value: "at-once",
    title: "At once",
    text: "As soon as it is suspect. A short outage may move services for nothing.",
  },
  {
    value: "after",
    title: "After some minutes",
    text: "Only when it has been silent for so long. Until then its services are down.",
  },
  {
    value: "by-hand",
    title: "Only by hand",
    text: "Nothing moves until an administrator says so. You are told.",
  },
]

/** What shall happen to services when a worker is lost, and when somebody is told, in plain words. */
@customElement("sky-fleet-policy")
export class SkyFleetPolicy extends LitElement {
  private readonly draft = draft<PolicyForm>("fleet-policy")
  @state() private form: PolicyForm | null = null
  @state() private issues: readonly FieldIssue[] = []
  @state() private problem: Problem | null = null
  @state() private busy = false
  @state() private saved = false

  private readonly fleet = new Resource(this, {
    key: () => ["fleet"] as const,
    read: (_, signal) => readFleet(signal),
    onFleet: ({ kind }) => kind === "fleet",
  })

  static override styles = [base, controls, choices, policyStyle]

  override connectedCallback(): void {
    super.connectedCallback()
    this.addEventListener("sky-policy", (event) => this.put(event.detail.part, event.detail.path))
  }

  override willUpdate(): void {
    // Until somebody types, the fields follow what holds.
    const policy = this.fleet.value?.policy
    this.form = this.draft.read() ?? (policy ? formOfPolicy(policy) : null)
  }

  override render() {
    return html`<div class="stack">
      <div>
        <h1>Fleet policy</h1>
        <p class="muted">What happens when a worker is lost, and when you are told. It holds for all workers, from the moment it is saved.</p>
      </div>
      <sky-problem .problem=${this.fleet.problem} retryable @retry=${() => this.fleet.reload()}></sky-problem>
      ${
        this.form
          ? this.fields(this.form)
          : this.fleet.problem
            ? nothing
            : html`<sky-skeleton .rows=${4} .height=${140}></sky-skeleton>`
      }
    </div>`
  }

  private fields(form: PolicyForm) {
    return html`<form class="stack" novalidate @submit=${this.save}>
      ${this.failover(form)}
      ${this.section("silence", "When a worker falls silent", [
        this.number(
          form,
          "suspectAfterSeconds",
          "Suspect after",
          "seconds",
          "It gets no traffic from then on",
        ),
        this.number(
          form,
          "unhealthyAfterSeconds",
          "Unhealthy after",
          "seconds",
          "Without a heartbeat; nothing new goes there",
        ),
      ])}
      ${this.section("flapping", "When a worker comes and goes", [
        this.number(form, "flapping.times", "Lost", "times", "So often, and it is quarantined"),
        this.number(form, "flapping.withinMinutes", "Within", "minutes", ""),
        this.number(
          form,
          "flapping.forMinutes",
          "Kept out for",
          "minutes",
          "It can be readmitted earlier by hand",
        ),
      ])}
      ${this.section("alerts", "When a worker is nearly used up", [
        this.number(form, "alerts.cpuPercent", "CPU above", "%", ""),
        this.number(form, "alerts.memoryPercent", "Memory above", "%", ""),
        this.number(form, "alerts.diskPercent", "Disk above", "%", ""),
        this.number(
          form,
          "alerts.forSeconds",
          "For at least",
          "seconds",
          "You are told once, and again when it ends",
        ),
      ])}
      ${this.section("draining", "When a worker is drained", [
        this.number(form, "drainMinutes", "Stuck after", "minutes", "You are told; it goes on all the same"),
      ])}
      <section class="card" aria-labelledby="scaling">
        <h2 id="scaling">When the fleet is short of something</h2>
        <sky-scaling-fields .form=${form} .issues=${this.issues}></sky-scaling-fields>
      </section>
      <sky-problem .problem=${this.problem}></sky-problem>
      ${this.foot()}
    </form>`
  }

  private foot() {
    const changed = this.draft.read() !== null
    return html`<div class="card row wrap foot">
      <span class="words muted" role="status">${changed ? "Not saved yet." : this.saved ? "Saved: it holds now." : "This is what holds."}</span>
      ${changed ? html`<button type="button" @click=${this.discard}>Discard</button>` : nothing}
      <button class="primary" type="submit" aria-disabled=${changed && !this.busy ? "false" : "true"} title=${changed ? nothing : "Nothing has been changed."}>
        ${this.busy ? "Saving…" : "Save the policy"}
      </button>
    </div>`
  }

  private section(id: string, title: string, fields: readonly unknown[]) {
    return html`<section class="card" aria-labelledby=${id}>
      <h2 id=${id}>${title}</h2>
      <div class="numbers">${fields}</div>
    </section>`
  }

  private failover(form: PolicyForm) {
    return html`<section class="card" aria-labelledby="failover">
      <h2 id="failover">When a worker is lost, its services are started elsewhere</h2>
      <fieldset class="choices">
        <legend class="hidden-text">When services are moved</legend>
        ${failovers.map(
          ({ value, title, text }) => html`<label class="choice">
            <input
              type="radio"
              name="failover"
              value=${value}
              .checked=${form.failover === value}
              @change=${() => this.put({ failover: value }, "failover")}
            />
            <span><strong>${title}</strong><span class="help">${text}</span></span>
          </label>`,
        )}
      </fieldset>
      ${form.failover === "after" ? this.number(form, "failover.minutes", "Silent for", "minutes", "") : nothing}
      <p class="help">
        Services with a volume move only if they may start empty. When half the workers or more are silent at once, nothing
        moves by itself.
      </p>
    </section>`
  }

  private number(form: PolicyForm, path: NumberField, label: string, unit: string, help: string) {
    const error = errorAt(this.issues, path)
    const id = path.replace(".", "-")
    return field(
      { id, label, help, error },
      html`<span class="with-unit"
        ><input
          id=${id}
          class="number"
          inputmode="numeric"
          autocomplete="off"
          aria-invalid=${error === null ? "false" : "true"}
          aria-describedby=${describedBy({ id, help, error })}
          .value=${form.numbers[path]}
          @input=${(event: Event) =>
            this.put(
              { numbers: { ...form.numbers, [path]: (event.target as HTMLInputElement).value } },
              path,
            )}
        />${unit}</span
      >`,
    )
  }

  private put(part: Partial<PolicyForm>, path: string): void {
    if (this.form === null) return
    this.draft.write({ ...this.form, ...part })
    this.saved = false
    this.issues = this.issues.filter((issue) => issue.path !== path)
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
    if (this.busy || this.form === null || this.draft.read() === null) return
    this.problem = null
    const read = readPolicy(this.form)
    if (read.issues !== null) return this.mark(read.issues)
    this.busy = true
    try {
      this.fleet.put(await setFleetPolicy(read.request))
      this.draft.drop()
      this.issues = []
      this.saved = true
      fire(this, "sky-notice", { tone: "good", text: "The policy is saved." })
    } catch (error) {
      this.problem = asProblem(error)
      this.mark(this.problem.issues)
    } finally {
      this.busy = false
    }
  }

  private mark(issues: readonly FieldIssue[]): void {
    this.issues = issues
    void this.updateComplete.then(() => requestAnimationFrame(() => focusFirstWrong(this.renderRoot)))
  }
}
