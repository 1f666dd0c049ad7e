import { html, LitElement, nothing } from "lit"
import { customElement, state } from "lit/decorators.js"
import { Resource } from "../app/Resource.ts"
import { draft } from "../data/draft.ts"
import { readFleet, setFleetPolicy } from "../data/fleet.ts"
import { asProblem, type Problem } from "../data/problem.ts"
import { formOfPolicy, type PolicyForm, readPolicy } from "../domain/policyForm.ts"
import type { FieldIssue } from "../domain/serviceForm.ts"
import { fire } from "../elements/events.ts"
import { focusFirstWrong } from "../elements/field.ts"
import "../elements/sky-common-images.ts"
import "../elements/sky-failover-fields.ts"
import "../elements/sky-policy-numbers.ts"
import type { NumberFieldWords } from "../elements/sky-policy-numbers.ts"
import "../elements/sky-problem.ts"
import "../elements/sky-scaling-fields.ts"
import "../elements/sky-skeleton.ts"
import { base } from "../style/base.ts"
import { controls } from "../style/controls.ts"
import { policyStyle } from "./policyStyle.ts"

const numberGroups: readonly {
  readonly id: string
  readonly title: string
  readonly fields: readonly NumberFieldWords[]
}[] = [
  {
    id: "silence",
    title: "When a worker falls silent",
    fields: [
      {
        path: "suspectAfterSeconds",
        label: "Suspect after",
        unit: "seconds",
        help: "It gets no traffic from then on",
      },
      {
        path: "unhealthyAfterSeconds",
        label: "Unhealthy after",
        unit: "seconds",
        help: "Without a heartbeat; nothing new goes there",
      },
    ],
  },
  {
    id: "flapping",
    title: "When a worker comes and goes",
    fields: [
      { path: "flapping.times", label: "Lost", unit: "times", help: "So often, and it is quarantined" },
      { path: "flapping.withinMinutes", label: "Within", unit: "minutes" },
      {
        path: "flapping.forMinutes",
        label: "Kept out for",
        unit: "minutes",
        help: "It can be readmitted earlier by hand",
      },
    ],
  },
  {
    id: "alerts",
    title: "When a worker is nearly used up",
    fields: [
      { path: "alerts.cpuPercent", label: "CPU above", unit: "%" },
      { path: "alerts.memoryPercent", label: "Memory above", unit: "%" },
      { path: "alerts.diskPercent", label: "Disk above", unit: "%" },
      {
        path: "alerts.forSeconds",
        label: "For at least",
        unit: "seconds",
        help: "You are told once, and again when it ends",
      },
    ],
  },
  {
    id: "draining",
    title: "When a worker is drained",
    fields: [
      {
        path: "drainMinutes",
        label: "Stuck after",
        unit: "minutes",
        help: "You are told; it goes on all the same",
      },
    ],
  },
]

const warmFields: readonly NumberFieldWords[] = [
  { path: "warmMiB", label: "At most", unit: "MiB", help: "On each worker; 0: nothing" },
]

const imageFields: readonly NumberFieldWords[] = [
  {
    path: "images.diskPercent",
    label: "Disk in use above",
    unit: "%",
    help: "By whatever; of the disk that images are on",
  },
  { path: "images.mostMiB", label: "Or images above", unit: "MiB", help: "Together; 0: what the disk has" },
  {
    path: "images.releases",
    label: "Go last",
    unit: "releases",
    help: "The newest of each service that is placed there",
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

  static override styles = [base, controls, policyStyle]

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
      <section class="card" aria-labelledby="failover">
        <h2 id="failover">When a worker is lost, its services are started elsewhere</h2>
        <sky-failover-fields .form=${form} .issues=${this.issues}></sky-failover-fields>
      </section>
      ${numberGroups.map(
        ({ id, title, fields }) => html`<section class="card" aria-labelledby=${id}>
          <h2 id=${id}>${title}</h2>
          <sky-policy-numbers .form=${form} .issues=${this.issues} .fields=${fields}></sky-policy-numbers>
        </section>`,
      )}
      <section class="card" aria-labelledby="warm">
        <h2 id="warm">What services have in common is kept on every worker</h2>
        <p class="muted">Layers that several services' images have are fetched before a service needs them, while there is nothing else to do.</p>
        <sky-policy-numbers .form=${form} .issues=${this.issues} .fields=${warmFields}></sky-policy-numbers>
        <sky-common-images .images=${this.fleet.value?.common ?? []} .workers=${this.fleet.value?.warmWorkers ?? 0}></sky-common-images>
      </section>
      <section class="card" aria-labelledby="room">
        <h2 id="room">When images take too much of a worker</h2>
        <p class="muted">It removes images of this platform that nothing there needs, those that were not used for the longest first, until there is room. What runs, what is kept, and images of others stay.</p>
        <sky-policy-numbers .form=${form} .issues=${this.issues} .fields=${imageFields}></sky-policy-numbers>
      </section>
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
