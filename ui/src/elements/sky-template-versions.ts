import type { TemplateHistory, TemplateVersion } from "@skypanel/contract/Template"
import { css, html, LitElement, nothing } from "lit"
import { customElement, property, query, state } from "lit/decorators.js"
import { repeat } from "lit/directives/repeat.js"
import { Resource } from "../app/Resource.ts"
import { asProblem, type Problem } from "../data/problem.ts"
import { compareVersions, orderVersion, removeTemplate, type VersionOrder } from "../data/templates.ts"
import { templateLook } from "../domain/looks.ts"
import { base } from "../style/base.ts"
import { controls } from "../style/controls.ts"
import { table } from "../style/table.ts"
import { fire } from "./events.ts"
import "./sky-confirm.ts"
import type { SkyConfirm } from "./sky-confirm.ts"
import "./sky-failure.ts"
import "./sky-problem.ts"
import "./sky-state.ts"
import "./sky-template-difference.ts"
import "./sky-time.ts"

const orders: Record<TemplateVersion["state"], readonly (readonly [VersionOrder, string])[]> = {
  draft: [
    ["validate", "Validate"],
    ["withdraw", "Delete"],
  ],
  validating: [["withdraw", "Cancel and delete"]],
  failed: [
    ["validate", "Validate again"],
    ["withdraw", "Delete"],
  ],
  valid: [
    ["publish", "Publish"],
    ["withdraw", "Delete"],
  ],
  published: [["withdraw", "Withdraw"]],
  withdrawn: [["publish", "Publish again"]],
}

/** One template with its versions, for whoever may change it. Says `changed`, and `next` for another version. */
@customElement("sky-template-versions")
export class SkyTemplateVersions extends LitElement {
  @property({ attribute: false }) history!: TemplateHistory
  @property() organization = ""
  @state() private problem: Problem | null = null
  @state() private busy = false
  @state() private compared: number | null = null
  @query("sky-confirm") private readonly confirm!: SkyConfirm

  private readonly difference = new Resource(this, {
    key: () => {
      const before = this.earlier(this.compared)
      return before === null || this.compared === null
        ? null
        : ([this.organization, this.history.name, before, this.compared] as const)
    },
    read: ([organization, template, before, after], signal) =>
      compareVersions({ organization, template }, before, after, signal),
  })

  static override styles = [
    base,
    controls,
    table,
    css`
      section {
        padding: 16px;
      }
    `,
  ]

  private earlier(number: number | null): number | null {
    return this.history.versions.find((version) => number !== null && version.number < number)?.number ?? null
  }

  override render() {
    const { name, owner, removed, versions } = this.history
    const title = versions[0]?.definition.title ?? name
    return html`<section class="card stack" aria-label=${name}>
      <div class="row wrap">
        <h2>${title}</h2>
        <span class="mono muted">${name}</span>
        <span class="small muted">${owner === "everyone" ? "for everyone" : "for this organization"}${removed ? ", removed" : ""}</span>
      </div>
      <div class="table">
        <table aria-label="Versions of ${name}">
          <thead>
            <tr>
              <th>Version</th>
              <th>State</th>
              <th>By</th>
              <th>Since</th>
              <th><span class="hidden-text">Actions</span></th>
            </tr>
          </thead>
          <tbody>
            ${repeat(
              versions,
              ({ number }) => number,
              (version) => this.row(version),
            )}
          </tbody>
        </table>
      </div>
      ${versions.map(({ failure, number }) =>
        failure === null || number !== versions[0]?.number
          ? nothing
          : html`<sky-failure .failure=${failure}></sky-failure>`,
      )}
      <sky-problem .problem=${this.problem ?? this.difference.problem}></sky-problem>
      <sky-template-difference .difference=${this.difference.value ?? null}></sky-template-difference>
      <div class="row wrap">
        <button @click=${() => this.dispatchEvent(new Event("next"))}>New version</button>
        <button class="danger" @click=${() => this.confirm.show()}>Remove template</button>
      </div>
      <sky-confirm dangerous heading="Remove ${name}?" verb="Remove" .run=${() => this.drop()}>
        <p>It is offered no more. Services that are made from it go on; when nothing is made from it, it is deleted.</p>
      </sky-confirm>
    </section>`
  }

  private row(version: TemplateVersion) {
    const { number, state, progress } = version
    return html`<tr>
      <td class="lead">Version ${number}</td>
      <td data-label="State">
        <sky-state bare .look=${templateLook[state]}></sky-state>
        ${progress === null ? nothing : html`<span class="small muted">${progress}</span>`}
      </td>
      <td data-label="By">${version.createdBy}</td>
      <td data-label="Since" class="nowrap"><sky-time .at=${version.createdAt}></sky-time></td>
      <td class="end">
        ${
          this.earlier(number) === null
            ? nothing
            : html`<button
                class="quiet"
                aria-label="Compare version ${number} with the one before"
                @click=${() => {
                  this.compared = this.compared === number ? null : number
                }}
              >
                Compare
              </button>`
        }
        ${orders[state].map(
          ([order, word]) => html`<button
            aria-label="${word}: version ${number}"
            aria-disabled=${this.busy ? "true" : "false"}
            @click=${() => this.order(number, order)}
          >
            ${word}
          </button>`,
        )}
      </td>
    </tr>`
  }

  private async order(number: number, order: VersionOrder): Promise<void> {
    if (this.busy) return
    this.busy = true
    this.problem = null
    try {
      const of = { organization: this.organization, template: this.history.name }
      this.history = await orderVersion(of, number, order)
      this.dispatchEvent(new Event("changed"))
    } catch (error) {
      this.problem = asProblem(error)
    } finally {
      this.busy = false
    }
  }

  private async drop(): Promise<void> {
    await removeTemplate({ organization: this.organization, template: this.history.name })
    fire(this, "sky-notice", { tone: "good", text: `${this.history.name} is removed.` })
    this.dispatchEvent(new Event("changed"))
  }
}
