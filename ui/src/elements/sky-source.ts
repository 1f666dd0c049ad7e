import { describeSource, type NamedSource } from "@skypanel/contract/Source"
import { css, html, LitElement, nothing } from "lit"
import { customElement, property } from "lit/decorators.js"
import { base } from "../style/base.ts"
import { type IconName, icon } from "./icons.ts"
import "./sky-copy.ts"

const icons: Record<NamedSource["_tag"], IconName> = {
  template: "templates",
  git: "git",
  expression: "nix",
  folder: "folder",
  image: "image",
}

/** What a deployment starts from, on one line, with the revision where there is one. */
@customElement("sky-source")
export class SkySource extends LitElement {
  @property({ attribute: false }) source: NamedSource | null = null
  @property() revision: string | null = null

  static override styles = [
    base,
    css`
      .icon {
        color: var(--sky-text-muted);
      }
      .row {
        gap: 6px;
        min-width: 0;
      }
      .what {
        overflow-wrap: anywhere;
      }
      code {
        white-space: nowrap;
      }
    `,
  ]

  override render() {
    if (this.source === null) return nothing
    const what = describeSource(this.source)
    return html`<span class="row">
      ${icon(icons[this.source._tag])}<span class="what">${what}</span>
      ${this.revision === null ? nothing : this.revisionAfter(what, this.revision)}
    </span>`
  }

  /** What was pushed is called by its revision already. */
  private revisionAfter(what: string, revision: string) {
    const short = revision.replace("sha256:", "").slice(0, 8)
    return html`${what.includes(short) ? nothing : html`<code title=${revision}>${short}</code>`}<sky-copy
        .value=${revision}
        what="revision"
      ></sky-copy>`
  }
}
