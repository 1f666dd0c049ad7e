import { type ChangeImagePolicy, type ImageCheck, imageMinutes } from "@skypanel/contract/ImageCheck"
import type { Service } from "@skypanel/contract/Service"
import { html, LitElement, nothing } from "lit"
import { customElement, property, state } from "lit/decorators.js"
import { Clock } from "../app/Clock.ts"
import { Resource } from "../app/Resource.ts"
import { changeImagePolicy, checkImage, readImage } from "../data/image.ts"
import { asProblem, type Problem } from "../data/problem.ts"
import { formatLeft } from "../domain/time.ts"
import { fire } from "../elements/events.ts"
import { field } from "../elements/field.ts"
import { icon } from "../elements/icons.ts"
import "../elements/sky-newer-image.ts"
import "../elements/sky-problem.ts"
import "../elements/sky-skeleton.ts"
import "../elements/sky-time.ts"
import { base } from "../style/base.ts"
import { controls } from "../style/controls.ts"
import { repositoryStyle } from "../style/repository.ts"

const actions: readonly (readonly [ImageCheck["action"], string])[] = [
  ["off", "Do nothing; checked by hand only"],
  ["notify", "Notify members"],
  ["deploy", "Deploy it"],
]

const intervals: readonly (readonly [minutes: number, title: string])[] = [
  [imageMinutes.least, "Every 15 minutes"],
  [imageMinutes.usual, "Every hour"],
  [360, "Every 6 hours"],
  [imageMinutes.most, "Every day"],
]

const actionHelp = "Done once for each; one that does not get live is not tried again by itself."

const tagWords: Record<ImageCheck["state"], string> = {
  fixed: "Names a digest, and is that and nothing else: there is nothing to check.",
  unknown: "Not known to lead to anything that serves.",
  current: "Leads to what serves.",
  newer: "Leads to a newer image.",
}

/** The image that a service is made of: where its tag leads, checks by hand, and what becomes of a newer one. */
@customElement("sky-service-image")
export class SkyServiceImage extends LitElement {
  @property({ attribute: false }) service!: Service
  @property() organization = ""
  @state() private problem: Problem | null = null
  @state() private busy = false

  private readonly image = new Resource(this, {
    key: () =>
      this.service.source._tag === "image"
        ? ([this.organization, this.service.name, this.service.source.reference] as const)
        : null,
    read: ([organization, service], signal) => readImage({ organization, service }, signal),
    on: (change, [, name]) => (change.service ?? name) === name,
  })

  private readonly clock = new Clock(this, () => (this.image.value?.nextAt ? 30_000 : null))

  static override styles = [base, controls, repositoryStyle]

  override render() {
    if (this.service.source._tag !== "image") return nothing
    const { value, problem } = this.image
    return html`<section class="card stack" aria-labelledby="image">
      <h2 id="image">Image</h2>
      <sky-problem .problem=${problem} retryable @retry=${() => this.image.reload()}></sky-problem>
      ${value ? this.content(value) : problem ? nothing : html`<sky-skeleton .rows=${3} .height=${44}></sky-skeleton>`}
    </section>`
  }

  private content(check: ImageCheck) {
    const { reference, serves, state } = check
    return html`<dl>
        <dt>Image</dt>
        <dd><code>${reference}</code></dd>
        <dt>Serves</dt>
        <dd>${serves === null ? "nothing of it" : html`<code>${serves}</code>`}</dd>
        <dt>Tag</dt>
        <dd>${tagWords[state]}</dd>
        ${state === "fixed" ? nothing : this.times(check)}
      </dl>
      <sky-newer-image .check=${check} .service=${this.service} .organization=${this.organization}></sky-newer-image>
      ${state === "fixed" ? nothing : html`${this.failure(check)} ${this.checkNow(check)} ${this.policy(check)}`}
      <sky-problem .problem=${this.problem}></sky-problem>`
  }

  private times({ checkedAt, nextAt }: ImageCheck) {
    return html`<dt>Checked</dt>
      <dd>${checkedAt === null ? "never" : html`<sky-time .at=${checkedAt}></sky-time>`}</dd>
      ${
        nextAt === null
          ? nothing
          : html`<dt>Next</dt>
              <dd>in ${formatLeft(Date.parse(nextAt), this.clock.now)}</dd>`
      }`
  }

  private failure({ failure }: ImageCheck) {
    if (failure === null) return nothing
    return html`<p role="status">
      <strong>${failure.title}</strong> ${failure.detail} <span class="muted">${failure.next}</span>
    </p>`
  }

  private checkNow({ progress, waitsFor }: ImageCheck) {
    const isUnderWay = this.busy || progress !== "none"
    return html`<div class="row wrap">
      <button
        type="button"
        aria-disabled=${isUnderWay ? "true" : "false"}
        @click=${() => !isUnderWay && this.ask(() => checkImage(this.of))}
      >
        ${icon("restart")} ${isUnderWay ? "Checking…" : "Check now"}
      </button>
      ${waitsFor === null ? nothing : html`<span class="muted" role="status">It waits: ${waitsFor}.</span>`}
    </div>`
  }

  private policy({ action, minutes }: ImageCheck) {
    const every = minutes ?? imageMinutes.usual
    // One that was set elsewhere, such as by the command line.
    const own = intervals.some(([each]) => each === every) ? [] : [[every, `Every ${every} minutes`] as const]
    return html`<div class="two">
      ${field(
        { id: "action", label: "When there is a newer image", help: actionHelp, error: null },
        html`<select id="action" aria-describedby="action-help" @change=${this.chooseAction}>
          ${actions.map(([each, title]) => html`<option value=${each} ?selected=${each === action}>${title}</option>`)}
        </select>`,
      )}
      ${
        action === "off"
          ? nothing
          : field(
              { id: "every", label: "Check for it", help: "Registries count who asks them.", error: null },
              html`<select id="every" aria-describedby="every-help" @change=${this.chooseMinutes}>
                ${[...intervals, ...own].map(
                  ([each, title]) =>
                    html`<option value=${each} ?selected=${each === every}>${title}</option>`,
                )}
              </select>`,
            )
      }
    </div>`
  }

  private get of() {
    return { organization: this.organization, service: this.service.name }
  }

  private chooseAction(event: Event): void {
    this.change({ action: (event.target as HTMLSelectElement).value as ImageCheck["action"] })
  }

  private chooseMinutes(event: Event): void {
    this.change({ minutes: Number((event.target as HTMLSelectElement).value) })
  }

  private change(part: Partial<ChangeImagePolicy>): void {
    const { action = "off", minutes = null } = this.image.value ?? {}
    const policy = { action, ...(minutes !== null && { minutes }), ...part }
    void this.ask(async () => {
      const check = await changeImagePolicy(this.of, policy)
      fire(this, "sky-notice", { tone: "good", text: "Saved." })
      return check
    })
  }

  private async ask(request: () => Promise<ImageCheck>): Promise<void> {
    this.busy = true
    this.problem = null
    try {
      this.image.put(await request())
    } catch (error) {
      this.problem = asProblem(error)
    } finally {
      this.busy = false
    }
  }
}
