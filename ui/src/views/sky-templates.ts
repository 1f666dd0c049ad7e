import { consume } from "@lit/context"
import { hourlyPrice } from "@skypanel/contract/Price"
import { formatSize } from "@skypanel/contract/Resources"
import type { Session } from "@skypanel/contract/Session"
import type { Template } from "@skypanel/contract/Template"
import { css, html, LitElement, nothing } from "lit"
import { customElement, property, state } from "lit/decorators.js"
import { sessionContext } from "../app/context.ts"
import { Resource } from "../app/Resource.ts"
import { iconUrl, readTemplates } from "../data/templates.ts"
import { mayManageTemplates } from "../domain/can.ts"
import { pathOf } from "../domain/paths.ts"
import { searchTemplates } from "../domain/searchTemplates.ts"
import { icon } from "../elements/icons.ts"
import "../elements/sky-empty.ts"
import "../elements/sky-price.ts"
import "../elements/sky-problem.ts"
import "../elements/sky-skeleton.ts"
import { base } from "../style/base.ts"
import { controls } from "../style/controls.ts"

/** What can be started from, ready made. */
@customElement("sky-templates")
export class SkyTemplates extends LitElement {
  @property() organization = ""
  @consume({ context: sessionContext, subscribe: true }) @state() private session!: Session

  @state() private wanted = ""

  private readonly templates = new Resource(this, {
    key: () => ["templates", this.organization] as const,
    read: ([, organization], signal) => readTemplates(organization, signal),
  })

  static override styles = [
    base,
    controls,
    css`
      ul {
        display: grid;
        grid-template-columns: repeat(auto-fill, minmax(min(280px, 100%), 1fr));
        gap: 16px;
      }
      li {
        display: grid;
        grid-template-rows: auto 1fr auto auto;
        gap: 12px;
        padding: 16px;
      }
      img {
        width: 40px;
        height: 40px;
      }
      .head {
        gap: 12px;
      }
      h2 {
        font-size: 15px;
      }
      .facts {
        font-size: 12px;
        line-height: 18px;
        color: var(--sky-text-muted);
      }
    `,
  ]

  override render() {
    const templates = this.templates.value
    const manage = pathOf({ view: "manage-templates", organization: this.organization })
    return html`<div class="stack">
      <div class="row wrap spread">
        <div>
          <h1>Templates</h1>
          <p class="muted">Each is a Nix expression with sensible values, built and checked like your own code.</p>
        </div>
        ${mayManageTemplates(this.session, this.organization) ? html`<a class="button" href=${manage}>Manage templates</a>` : nothing}
      </div>
      <input
        type="search"
        placeholder="Search"
        aria-label="Search templates"
        .value=${this.wanted}
        @input=${(event: Event) => {
          this.wanted = (event.target as HTMLInputElement).value
        }}
      />
      <sky-problem .problem=${this.templates.problem} retryable @retry=${() => this.templates.reload()}></sky-problem>
      ${
        templates
          ? templates.length === 0
            ? html`<sky-empty heading="No templates"
                ><p>This platform offers none: start from a repository or an expression.</p>
                <a class="button primary" href=${pathOf({ view: "new-service", organization: this.organization, from: null })}>New service</a>
              </sky-empty>`
            : this.cards(searchTemplates(templates, this.wanted))
          : this.templates.problem
            ? nothing
            : html`<sky-skeleton .rows=${3} .height=${180}></sky-skeleton>`
      }
    </div>`
  }

  private cards(templates: readonly Template[]) {
    if (templates.length === 0)
      return html`<sky-empty heading="No template is like that"><p>Search for another word.</p></sky-empty>`
    return html`<ul>
      ${templates.map((template) => this.card(template))}
    </ul>`
  }

  private card(template: Template) {
    const href = pathOf({
      view: "new-service",
      organization: this.organization,
      from: { door: "template", template: template.name },
    })
    return html`<li class="card">
      <div class="row head">
        <img src=${iconUrl(template)} alt="" />
        <div>
          <h2>${template.title}</h2>
          <p class="small muted">${template.category} · <span class="mono">${template.version}</span>${template.owner === "organization" ? " · your organization's" : nothing}</p>
        </div>
      </div>
      <p>${template.description}</p>
      <p class="facts number">
        ${template.resources.cpu} CPU · ${formatSize(template.resources.memoryBytes)} · ${template.port === null ? "no port" : `port ${template.port}`}<br />
        <sky-price .hourly=${hourlyPrice(this.session.platform.prices, { resources: template.resources, replicas: 1, volume: null })}></sky-price>
      </p>
      <a class="button" href=${href} aria-label="Use this template: ${template.title}">${icon("plus")} Use this template</a>
    </li>`
  }
}
