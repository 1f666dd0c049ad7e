import { consume } from "@lit/context"
import { endpointLabel } from "@skypanel/contract/Name"
import type { ServiceCredential } from "@skypanel/contract/PreparedCredential"
import type { Session } from "@skypanel/contract/Session"
import { html, LitElement, nothing, type PropertyValues } from "lit"
import { customElement, property, state } from "lit/decorators.js"
import { sessionContext } from "../app/context.ts"
import { type Draft, draft } from "../data/draft.ts"
import { asProblem, type Problem } from "../data/problem.ts"
import { createService, issuesInName } from "../data/services.ts"
import { concerns } from "../domain/concerns.ts"
import type { NewServiceFrom } from "../domain/paths.ts"
import {
  chooseDoor,
  type Door,
  draftOf,
  emptyForm,
  type FieldIssue,
  type ServiceForm,
} from "../domain/serviceForm.ts"
import { readCreate } from "../domain/serviceRequest.ts"
import { fire } from "../elements/events.ts"
import { describedBy, errorAt, field, focusFirstWrong } from "../elements/field.ts"
import { type IconName, icon } from "../elements/icons.ts"
import "../elements/sky-configuration-fields.ts"
import "../elements/sky-from-computer.ts"
import "../elements/sky-plan.ts"
import "../elements/sky-problem.ts"
import "../elements/sky-source-fields.ts"
import { base } from "../style/base.ts"
import { controls } from "../style/controls.ts"
import { newServiceStyle } from "./newServiceStyle.ts"

const doors: readonly {
  readonly door: Door
  readonly title: string
  readonly text: string
  readonly icon: IconName
}[] = [
  { door: "template", title: "Template", text: "Start from something that works.", icon: "templates" },
  { door: "git", title: "Git repository", text: "Your code; what it is, we find out.", icon: "git" },
  { door: "folder", title: "From my computer", text: "A folder, or what you push with Git.", icon: "folder" },
  { door: "image", title: "Image", text: "Of a registry, as it is.", icon: "image" },
  { door: "expression", title: "Nix expression", text: "Write the derivation yourself.", icon: "nix" },
]

/** Five doors, then one page with sensible values in it. */
@customElement("sky-new-service")
export class SkyNewService extends LitElement {
  @property() organization = ""
  @property({ attribute: false }) from: NewServiceFrom | null = null
  @consume({ context: sessionContext, subscribe: true }) @state() private session!: Session
  @state() private form: ServiceForm = emptyForm
  @state() private issues: readonly FieldIssue[] = []
  @state() private problem: Problem | null = null
  @state() private busy = false
  /** Not in the form, which is kept while one is away. */
  private credential: ServiceCredential | "missing" | null = null
  private draft: Draft<ServiceForm> = draft("new-service")

  static override styles = [base, controls, newServiceStyle]

  override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has("organization")) {
      this.draft = draft(`new-service.${this.organization}`)
      this.form = { ...emptyForm, ...this.draft.read() }
    }
    if (changed.has("from") && this.from) this.enter(this.from)
  }

  /** The address may choose the door, and the template with it. */
  private enter(from: NewServiceFrom): void {
    const template = from.door === "template" ? from.template : null
    if (template !== null && template !== this.form.template)
      this.form = { ...this.form, door: from.door, template, name: "", named: false }
    else this.form = chooseDoor(this.form, from.door)
  }

  override connectedCallback(): void {
    super.connectedCallback()
    this.addEventListener("sky-form", (event) => this.put(event.detail))
    this.addEventListener("sky-credential", ({ detail }) => {
      this.credential = detail
      this.issues = this.issues.filter(({ path }) => !path.startsWith("credential"))
    })
  }

  private put(part: Partial<ServiceForm>): void {
    this.form = { ...this.form, ...part }
    this.draft.write(draftOf(this.form))
    // A mark goes when its field is typed in again, not before.
    const typed = Object.keys(part)
    this.issues = this.issues.filter(({ path }) => !typed.some((key) => concerns(key, path)))
  }

  private choose(door: Door): void {
    this.put(chooseDoor(this.form, door))
  }

  override render() {
    return html`<form class="page" novalidate @submit=${this.deploy}>
      <h1>New service</h1>
      <fieldset class="doors ${this.form.door === null ? "large" : ""}">
        <legend class="label">What shall it be made from?</legend>
        ${doors.map((one) => this.doorCard(one))}
      </fieldset>
      ${this.form.door === null ? nothing : this.rest()}
    </form>`
  }

  private doorCard(one: (typeof doors)[number]) {
    return html`<label class="card door">
      <input
        type="radio"
        name="door"
        value=${one.door}
        aria-label=${one.title}
        .checked=${this.form.door === one.door}
        @change=${() => this.choose(one.door)}
      />
      ${icon(one.icon)}
      <span><strong>${one.title}</strong><span class="small muted">${one.text}</span></span>
    </label>`
  }

  private rest() {
    if (this.form.door === "folder") return this.fromComputer()
    return html`<div class="columns">
      <div class="stack wide">
        <div class="card part">
          <sky-source-fields .organization=${this.organization} .form=${this.form} .issues=${this.issues}></sky-source-fields>
        </div>
        <div class="card part">${this.nameField()}</div>
        <sky-configuration-fields .form=${this.form} .issues=${this.issues}></sky-configuration-fields>
      </div>
      <aside>
        <sky-plan .form=${this.form} .session=${this.session} .organization=${this.organization}>
          <sky-problem .problem=${this.problem}></sky-problem>
          <button class="primary deploy" type="submit" aria-disabled=${this.busy ? "true" : "false"}>
            ${icon("redeploy")} ${this.busy ? "Deploying…" : "Deploy"}
          </button>
        </sky-plan>
      </aside>
    </div>`
  }

  /** Nothing is deployed from here: the commands bring it. */
  private fromComputer() {
    const name = this.form.name.trim()
    return html`<div class="stack">
      <div class="card part">${this.nameField(name === "" ? [] : issuesInName(name))}</div>
      ${
        issuesInName(name).length > 0
          ? nothing
          : html`<sky-from-computer .service=${name} .organization=${this.organization}></sky-from-computer>`
      }
    </div>`
  }

  private nameField(issues = this.issues) {
    const error = errorAt(issues, "name")
    const { endpointDomain } = this.session.platform
    const help = html`It will answer at
      <span class="mono">${endpointLabel(this.form.name || "name", this.organization)}.${endpointDomain}</span>`
    return field(
      { id: "name", label: "Name", help, error },
      html`<input
        id="name"
        class="mono"
        autocomplete="off"
        autocapitalize="off"
        spellcheck="false"
        maxlength="63"
        aria-invalid=${error === null ? "false" : "true"}
        aria-describedby=${describedBy({ id: "name", help, error })}
        .value=${this.form.name}
        @input=${(event: Event) => this.put({ name: (event.target as HTMLInputElement).value, named: true })}
      />`,
    )
  }

  private async deploy(event: Event): Promise<void> {
    event.preventDefault()
    if (this.busy || this.form.door === "folder") return
    this.problem = null
    const read = readCreate(this.form)
    const { credential } = this
    if (credential === "missing")
      return this.mark([{ path: "credential", message: "give a token, or make a deploy key" }])
    if (read.issues !== null) return this.mark([...issuesInName(this.form.name.trim()), ...read.issues])
    this.busy = true
    try {
      const request = { ...read.request, ...(credential !== null && { credential }) }
      const { service, deployment } = await createService(this.organization, request)
      this.draft.drop()
      fire(this, "sky-go", {
        view: "deployment",
        organization: this.organization,
        service: service.name,
        number: deployment.number,
      })
    } catch (error) {
      const problem = asProblem(error)
      if (problem.kind === "NameTaken") this.mark([{ path: "name", message: problem.message }])
      else {
        this.problem = problem
        if (problem.issues.length > 0) this.mark(problem.issues)
      }
    } finally {
      this.busy = false
    }
  }

  private mark(issues: readonly FieldIssue[]): void {
    this.issues = issues
    // Nested elements mark their fields one update later.
    void this.updateComplete.then(() => requestAnimationFrame(() => focusFirstWrong(this.renderRoot)))
  }
}
