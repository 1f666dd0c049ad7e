import { consume } from "@lit/context"
import type { Session } from "@skypanel/contract/Session"
import type { Stack } from "@skypanel/contract/Stack"
import { css, html, LitElement, nothing } from "lit"
import { customElement, property, state } from "lit/decorators.js"
import { sessionContext } from "../app/context.ts"
import { Resource } from "../app/Resource.ts"
import { readStacks } from "../data/stacks.ts"
import { mayManageTemplates } from "../domain/can.ts"
import { serviceLook, stackLook, stackStepLook } from "../domain/looks.ts"
import { pathOf } from "../domain/paths.ts"
import { icon } from "../elements/icons.ts"
import "../elements/sky-empty.ts"
import "../elements/sky-price.ts"
import "../elements/sky-problem.ts"
import "../elements/sky-skeleton.ts"
import "../elements/sky-state.ts"
import { base } from "../style/base.ts"
import { controls } from "../style/controls.ts"
import { table } from "../style/table.ts"

/** The stacks of an organization. */
@customElement("sky-stacks")
export class SkyStacks extends LitElement {
  @property() organization = ""
  @consume({ context: sessionContext, subscribe: true }) @state() private session!: Session

  private readonly stacks = new Resource(this, {
    key: () => (this.organization === "" ? null : ([this.organization] as const)),
    read: ([organization], signal) => readStacks(organization, signal),
    on: () => true,
  })

  static override styles = [
    base,
    controls,
    table,
    css`
      .name {
        font-weight: 600;
        color: var(--sky-text);
      }
    `,
  ]

  override render() {
    const stacks = this.stacks.value
    return html`<div class="stack">
      <div class="row spread">
        <h1>Stacks</h1>
        <span class="row wrap">
          ${
            mayManageTemplates(this.session, this.organization)
              ? html`<a class="button" href=${pathOf({ view: "manage-stacks", organization: this.organization })}>Manage the library</a>`
              : nothing
          }
          ${stacks && stacks.length > 0 ? this.create() : nothing}
        </span>
      </div>
      <sky-problem .problem=${this.stacks.problem} retryable @retry=${() => this.stacks.reload()}></sky-problem>
      ${
        stacks
          ? stacks.length === 0
            ? html`<sky-empty heading="No stacks yet">
                <p>A stack is several services at once, such as an application with its database, that find each other.</p>
                ${this.create()}
              </sky-empty>`
            : this.list(stacks)
          : this.stacks.problem
            ? nothing
            : html`<sky-skeleton .rows=${3} .height=${44}></sky-skeleton>`
      }
    </div>`
  }

  private create() {
    const href = pathOf({ view: "new-stack", organization: this.organization })
    return html`<a class="button primary" href=${href}>${icon("plus")} New stack</a>`
  }

  private list(stacks: readonly Stack[]) {
    return html`<div class="card table">
      <table>
        <thead>
          <tr>
            <th>Stack</th>
            <th>State</th>
            <th>Services</th>
            <th>Template</th>
            <th class="end">Revision</th>
            <th class="end">Price</th>
          </tr>
        </thead>
        <tbody>
          ${stacks.map((stack) => this.row(stack))}
        </tbody>
      </table>
    </div>`
  }

  private row(stack: Stack) {
    const href = pathOf({ view: "stack", organization: this.organization, stack: stack.name })
    return html`<tr>
      <td class="lead"><a class="name" href=${href}>${stack.name}</a></td>
      <td data-label="State"><sky-state .look=${stackLook[stack.state]}></sky-state></td>
      <td data-label="Services">
        <span class="row wrap"
          >${stack.services.map(
            ({ key, state }) =>
              html`<span class="row"><code>${key}</code><sky-state bare .look=${state === null ? stackStepLook.waiting : serviceLook[state]}></sky-state></span>`,
          )}</span
        >
      </td>
      <td data-label="Template" class="small mono">${stack.template}</td>
      <td data-label="Revision" class="end number">#${stack.revisions[0]?.number ?? 0}</td>
      <td data-label="Price" class="end nowrap"><sky-price .hourly=${stack.hourlyPrice}></sky-price></td>
    </tr>`
  }
}
