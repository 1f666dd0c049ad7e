import type { ExpressionText, ExpressionVersion } from "@skypanel/contract/Expression"
import { lineDiff } from "@skypanel/contract/lineDiff"
import { css, html, LitElement, nothing } from "lit"
import { customElement, property, state } from "lit/decorators.js"
import { Resource } from "../app/Resource.ts"
import { readExpression, readExpressions } from "../data/expressions.ts"
import { asProblem } from "../data/problem.ts"
import { base } from "../style/base.ts"
import { controls } from "../style/controls.ts"
import { table } from "../style/table.ts"
import { fire } from "./events.ts"
import { fireForm } from "./formEvents.ts"
import "./sky-problem.ts"
import "./sky-skeleton.ts"
import "./sky-time.ts"

const looks = {
  " ": { sign: " ", of: "" },
  "-": { sign: "−", of: "removed" },
  "+": { sign: "+", of: "added" },
  "…": { sign: "…", of: "" },
}

/** The expressions that a service was made from: each compares with what is in the editor, and goes back into it. */
@customElement("sky-expression-versions")
export class SkyExpressionVersions extends LitElement {
  @property() organization = ""
  @property() service = ""
  /** What is in the editor. */
  @property() expression = ""
  @state() private shown: ExpressionText | null = null

  private readonly versions = new Resource(this, {
    key: () => [this.organization, this.service] as const,
    read: (key, signal) => readExpressions(...key, signal),
    on: ({ kind, service }, [, own]) => kind === "deployment" && service === own,
  })

  static override styles = [
    base,
    controls,
    table,
    css`
      pre {
        margin: 0;
        padding: 12px;
        overflow: auto;
        max-height: 320px;
        font: 12px / 18px var(--sky-mono);
      }
      .removed {
        color: var(--sky-bad);
      }
      .added {
        color: var(--sky-good);
      }
    `,
  ]

  override render() {
    const { value, problem } = this.versions
    if (problem !== null && !value)
      return html`<sky-problem .problem=${problem} retryable @retry=${() => this.versions.reload()}></sky-problem>`
    if (!value) return html`<sky-skeleton .rows=${2} .height=${32}></sky-skeleton>`
    return html`<section class="stack" aria-labelledby="versions">
      <h3 id="versions">Versions</h3>
      <div class="card table">
        <table>
          <thead>
            <tr>
              <th>Version</th>
              <th>Made</th>
              <th>By</th>
              <th>Deployment</th>
              <th class="end">Actions</th>
            </tr>
          </thead>
          <tbody>
            ${value.map((version) => this.row(version))}
          </tbody>
        </table>
      </div>
      ${this.shown === null ? nothing : this.difference(this.shown)}
    </section>`
  }

  private row({ version, current, createdAt, createdBy, deployment, status }: ExpressionVersion) {
    return html`<tr>
      <td class="lead number">${version}${current ? html` <span class="muted">now</span>` : nothing}</td>
      <td data-label="Made"><sky-time .at=${createdAt}></sky-time></td>
      <td data-label="By">${createdBy ?? "–"}</td>
      <td data-label="Deployment" class="number">#${deployment} ${status}</td>
      <td class="end nowrap">
        <button type="button" aria-label="Compare version ${version}" @click=${() => this.compare(version)}>
          Compare
        </button>
        <button
          type="button"
          aria-label="Put into the editor: version ${version}"
          @click=${() => this.restore(version)}
        >
          Put into the editor
        </button>
      </td>
    </tr>`
  }

  private difference({ version, expression }: ExpressionText) {
    const lines = lineDiff(expression, this.expression)
    return html`<section class="stack" aria-label="Difference">
      <p class="muted">
        ${
          lines.every(({ mark }) => mark === " ")
            ? `The editor has version ${version.version}.`
            : `From version ${version.version} to what is in the editor.`
        }
      </p>
      <pre class="card" tabindex="0" aria-label="Lines">${lines.map(
        ({ mark, text }) => html`<span class=${looks[mark].of}>${looks[mark].sign} ${text}\n</span>`,
      )}</pre>
    </section>`
  }

  private async read(version: number): Promise<ExpressionText | null> {
    return readExpression(this.organization, this.service, version).catch((error) => {
      const problem = asProblem(error)
      fire(this, "sky-notice", { tone: "bad", text: `${problem.message} ${problem.next}` })
      return null
    })
  }

  private async compare(version: number): Promise<void> {
    this.shown = await this.read(version)
  }

  /** Nothing is deployed by it: it is checked like anything that is typed, and saved like it. */
  private async restore(version: number): Promise<void> {
    const found = await this.read(version)
    if (found !== null) fireForm(this, { expression: found.expression })
  }
}
