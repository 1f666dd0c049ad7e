import { consume } from "@lit/context"
import type { Session } from "@skypanel/contract/Session"
import { css, html, LitElement } from "lit"
import { customElement, property, state } from "lit/decorators.js"
import { sessionContext } from "../app/context.ts"
import { type From, folderCommand, pushCommands, remoteOf } from "../domain/computerCommands.ts"
import { base } from "../style/base.ts"
import "./sky-copy.ts"

/** The commands that deploy a service from one's own computer: its folder, or what is pushed. */
@customElement("sky-commands")
export class SkyCommands extends LitElement {
  @property() service = ""
  @property() organization = ""
  @consume({ context: sessionContext, subscribe: true }) @state() private session: Session | undefined

  static override styles = [
    base,
    css`
      :host {
        display: grid;
        gap: 16px;
        grid-template-columns: minmax(0, 1fr);
      }
      h3 {
        font-size: 13px;
        line-height: 20px;
        font-weight: 600;
        margin-bottom: 4px;
      }
      li {
        display: flex;
        align-items: center;
        gap: 8px;
        padding: 4px 4px 4px 12px;
        border: 1px solid var(--sky-border);
        border-radius: var(--sky-radius-small);
        margin-bottom: 4px;
      }
      li code {
        flex: 1 1 auto;
        min-width: 0;
        overflow-wrap: anywhere;
      }
    `,
  ]

  override render() {
    const from: From = {
      origin: location.origin,
      organization: this.organization,
      service: this.service,
      first: this.session?.organizations[0]?.slug === this.organization,
    }
    return html`<div>
        <h3>The folder that you are in</h3>
        ${this.list([folderCommand(from)])}
        <p class="small muted">Sends what .gitignore leaves; unchanged files are sent once.</p>
      </div>
      <div>
        <h3>With Git</h3>
        ${this.list(pushCommands(from))}
        <p class="small muted">The remote is <code>${remoteOf(from)}</code>. A push shows the build as it goes.</p>
      </div>`
  }

  private list(commands: readonly string[]) {
    return html`<ul>
      ${commands.map(
        (command) =>
          html`<li><code>${command}</code><sky-copy .value=${command} what=${command}></sky-copy></li>`,
      )}
    </ul>`
  }
}
