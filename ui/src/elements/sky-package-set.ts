import { consume } from "@lit/context"
import type { Session } from "@skypanel/contract/Session"
import { css, html, LitElement, nothing } from "lit"
import { customElement, state } from "lit/decorators.js"
import { sessionContext } from "../app/context.ts"
import { base } from "../style/base.ts"

/** Which packages builds use at present: nixpkgs, or the set that stands in for it. */
@customElement("sky-package-set")
export class SkyPackageSet extends LitElement {
  @consume({ context: sessionContext, subscribe: true }) @state() private session: Session | undefined

  static override styles = [
    base,
    css`
      a {
        display: grid;
        gap: 0;
        padding: 8px;
        border-radius: var(--sky-radius-small);
        color: var(--sky-text-muted);
        font-size: 12px;
        line-height: 16px;
      }
      a:hover {
        background: var(--sky-hover);
        text-decoration: none;
      }
      strong {
        color: var(--sky-text);
        font-weight: 550;
      }
    `,
  ]

  override render() {
    if (!this.session) return nothing
    const { packageSet } = this.session.platform
    return html`<a href="/about" title=${packageSet?.reason ?? "No builder is connected."}>
      <span>Packages</span>
      <strong class="clip">${packageSet ? packageSet.kind : "no builder"}</strong>
      ${packageSet ? html`<span class="clip">${packageSet.reference}</span>` : nothing}
    </a>`
  }
}
