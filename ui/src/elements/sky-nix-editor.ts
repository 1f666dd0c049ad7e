import { HighlightStyle, syntaxHighlighting } from "@codemirror/language"
import { forceLinting, lintGutter } from "@codemirror/lint"
import { EditorView } from "@codemirror/view"
import { tags } from "@lezer/highlight"
import { nix } from "@replit/codemirror-lang-nix"
import { basicSetup } from "codemirror"
import { css, html, LitElement, type PropertyValues } from "lit"
import { customElement, property, query } from "lit/decorators.js"
import type { Checked } from "../app/SourceCheck.ts"
import { base } from "../style/base.ts"
import { fireForm } from "./formEvents.ts"
import { nixDiagnostics } from "./nixDiagnostics.ts"

const theme = EditorView.theme({
  "&": { color: "var(--sky-text)", backgroundColor: "var(--sky-surface)", fontSize: "13px" },
  "&.cm-focused": { outline: "2px solid var(--sky-accent)", outlineOffset: "-1px" },
  ".cm-scroller": {
    fontFamily: "var(--sky-mono)",
    lineHeight: "20px",
    minHeight: "220px",
    maxHeight: "60vh",
  },
  ".cm-content": { caretColor: "var(--sky-text)" },
  ".cm-cursor": { borderLeftColor: "var(--sky-text)" },
  ".cm-gutters": {
    backgroundColor: "var(--sky-sunken)",
    color: "var(--sky-text-muted)",
    borderRight: "1px solid var(--sky-border)",
  },
  ".cm-activeLine, .cm-activeLineGutter": { backgroundColor: "var(--sky-hover)" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": {
    backgroundColor: "color-mix(in srgb, var(--sky-accent) 25%, transparent)",
  },
  ".cm-tooltip, .cm-panels": {
    backgroundColor: "var(--sky-raised)",
    color: "var(--sky-text)",
    border: "1px solid var(--sky-border)",
  },
  ".cm-matchingBracket": { backgroundColor: "var(--sky-idle-quiet) !important" },
})

const colours = HighlightStyle.define([
  { tag: [tags.keyword, tags.controlKeyword, tags.definitionKeyword], color: "var(--sky-accent)" },
  { tag: [tags.string, tags.special(tags.string)], color: "var(--sky-good)" },
  {
    tag: [tags.comment, tags.lineComment, tags.blockComment],
    color: "var(--sky-text-muted)",
    fontStyle: "italic",
  },
  { tag: [tags.number, tags.bool, tags.null, tags.atom], color: "var(--sky-warn)" },
  { tag: [tags.url, tags.link], color: "var(--sky-good)", textDecoration: "underline" },
  { tag: [tags.invalid], color: "var(--sky-bad)" },
])

/** An editor for one Nix expression. Tab leaves it, as it leaves every field. */
@customElement("sky-nix-editor")
export class SkyNixEditor extends LitElement {
  @property() value = ""
  @property({ type: Boolean }) invalid = false
  /** What a builder has found. */
  @property({ attribute: false }) checked: Checked | null = null
  @query(".place") private readonly place!: HTMLDivElement
  private view: EditorView | null = null

  static override styles = [
    base,
    css`
      .place {
        border: 1px solid var(--sky-border-strong);
        border-radius: var(--sky-radius-small);
        overflow: hidden;
      }
      :host([invalid]) .place {
        border-color: var(--sky-bad);
      }
    `,
  ]

  override firstUpdated(): void {
    this.view = new EditorView({
      doc: this.value,
      parent: this.place,
      extensions: [
        basicSetup,
        nix(),
        syntaxHighlighting(colours),
        nixDiagnostics(() => this.checked),
        lintGutter(),
        theme,
        EditorView.lineWrapping,
        EditorView.contentAttributes.of({ "aria-label": "Nix expression" }),
        EditorView.updateListener.of((update) => {
          if (update.docChanged) fireForm(this, { expression: update.state.doc.toString() })
        }),
      ],
    })
  }

  override updated(changed: PropertyValues<this>): void {
    const { view } = this
    if (changed.has("invalid")) view?.contentDOM.setAttribute("aria-invalid", String(this.invalid))
    if (view && changed.has("checked")) {
      // An update in which nothing changes lets the linter see that it has something new to show.
      view.dispatch({})
      forceLinting(view)
    }
    if (view && changed.has("value") && view.state.doc.toString() !== this.value)
      view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: this.value } })
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.view?.destroy()
    this.view = null
  }

  override render() {
    return html`<div class="place"></div>`
  }
}
