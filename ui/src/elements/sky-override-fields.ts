import { type OverrideKey, sourceKinds } from "@skypanel/contract/Overrides"
import { css, html, LitElement } from "lit"
import { customElement, property } from "lit/decorators.js"
import type { OverrideForm } from "../domain/overrideForm.ts"
import type { FieldIssue } from "../domain/serviceForm.ts"
import { base } from "../style/base.ts"
import { controls } from "../style/controls.ts"
import { describedBy, errorAt, field } from "./field.ts"
import { fireForm } from "./formEvents.ts"

type Key = OverrideKey | "arguments"

const asRecognised = [["", "As recognised"]] as const
const kinds = [...asRecognised, ...sourceKinds.map((kind) => [kind, kind] as const)]
const packages = [
  ...asRecognised,
  ["lock", "Those of the lock file"],
  ["set", "Those of the package set"],
] as const

/** How a repository or folder is built and started, where that is not what was recognised. */
@customElement("sky-override-fields")
export class SkyOverrideFields extends LitElement {
  @property({ attribute: false }) form!: OverrideForm
  @property({ attribute: false }) issues: readonly FieldIssue[] = []
  /** Once there was something in it, it stays open. */
  private opened = false

  static override styles = [
    base,
    controls,
    css`
      details {
        margin-top: 12px;
      }
      summary {
        cursor: pointer;
        width: fit-content;
      }
      p {
        margin: 8px 0 12px;
      }
      .fields {
        display: grid;
        grid-template-columns: repeat(auto-fill, minmax(220px, 1fr));
        gap: 16px;
        align-items: start;
      }
      .wide {
        grid-column: 1 / -1;
      }
    `,
  ]

  override render() {
    const says = Object.values(this.form.overrides).some((text) => text.trim() !== "")
    const wrong = this.issues.some(({ path }) => path.startsWith("source.overrides"))
    this.opened ||= says || wrong
    return html`<details ?open=${this.opened}>
      <summary>Build and start</summary>
      <p class="small muted">
        The repository says how it is built and started, by its files and its skypanel.toml. What stands here goes before
        that, for this service alone; of what is empty the repository decides.
      </p>
      <div class="fields">
        ${this.text("build.path", "Folder", "The folder that is built, such as apps/web")}
        ${this.choice("build.kind", "Built as", kinds)}
        ${this.text("build.command", "Build command", "Such as npm run make")}
        ${this.text("start.command", "Start command", "Such as node server.js")}
        ${this.text("start.process", "Process", "Of the Procfile; without a start command. Empty: web")}
        ${this.text("build.node", "Node.js", "A version or a range, such as 24")}
        ${this.choice("build.packages", "Packages of Python", packages)}
        ${this.text("static.folder", "Served folder", "Of a site, such as dist")}
        ${this.text("static.fallback", "Fallback page", "For a path without a file, such as index.html")}
        ${this.text("dockerfile.file", "Dockerfile", "From the folder that is built")}
        ${this.text("dockerfile.target", "Stage", "Of the Dockerfile. Empty: the last one")}
        <div class="wide">${this.buildArguments()}</div>
      </div>
    </details>`
  }

  private put(key: Key, value: string): void {
    fireForm(this, { overrides: { ...this.form.overrides, [key]: value } })
  }

  private parts(key: Key, label: string, help: string) {
    const error = errorAt(this.issues, `source.overrides.${key}`)
    return { id: key.replace(".", "-"), label, help, error }
  }

  private text(key: OverrideKey, label: string, help: string) {
    const parts = this.parts(key, label, help)
    return field(
      parts,
      html`<input
        id=${parts.id}
        class="mono"
        autocomplete="off"
        autocapitalize="off"
        spellcheck="false"
        aria-invalid=${parts.error === null ? "false" : "true"}
        aria-describedby=${describedBy(parts)}
        .value=${this.form.overrides[key] ?? ""}
        @input=${(event: Event) => this.put(key, (event.target as HTMLInputElement).value)}
      />`,
    )
  }

  private choice(key: OverrideKey, label: string, choices: ReadonlyArray<readonly [string, string]>) {
    const parts = this.parts(key, label, "")
    return field(
      parts,
      html`<select
        id=${parts.id}
        aria-invalid=${parts.error === null ? "false" : "true"}
        aria-describedby=${describedBy(parts)}
        @change=${(event: Event) => this.put(key, (event.target as HTMLSelectElement).value)}
      >
        ${choices.map(
          ([value, words]) =>
            html`<option value=${value} ?selected=${value === (this.form.overrides[key] ?? "")}>${words}</option>`,
        )}
      </select>`,
    )
  }

  private buildArguments() {
    const found = this.issues.find(({ path }) => path.startsWith("source.overrides.arguments"))
    const parts = {
      ...this.parts(
        "arguments",
        "Build arguments",
        "ARGs of the Dockerfile, NAME=value in a line. No place for secrets",
      ),
      error: found?.message ?? null,
    }
    return field(
      parts,
      html`<textarea
        id=${parts.id}
        class="mono"
        rows="2"
        spellcheck="false"
        aria-invalid=${parts.error === null ? "false" : "true"}
        aria-describedby=${describedBy(parts)}
        .value=${this.form.overrides.arguments ?? ""}
        @input=${(event: Event) => this.put("arguments", (event.target as HTMLTextAreaElement).value)}
      ></textarea>`,
    )
  }
}
