import type { KnownHash } from "@skypanel/contract/LearnedHash"
import type { Service } from "@skypanel/contract/Service"
import { shortDigest } from "@skypanel/contract/shortDigest"
import { css, html, LitElement, nothing } from "lit"
import { customElement, property, query, state } from "lit/decorators.js"
import { Resource } from "../app/Resource.ts"
import { forgetLearnedHash, readLearnedHashes } from "../data/learnedHashes.ts"
import { pathOf } from "../domain/paths.ts"
import { base } from "../style/base.ts"
import { controls } from "../style/controls.ts"
import { table } from "../style/table.ts"
import { fire } from "./events.ts"
import "./sky-confirm.ts"
import type { SkyConfirm } from "./sky-confirm.ts"
import "./sky-copy.ts"
import "./sky-problem.ts"
import "./sky-time.ts"

/** The hashes that a service's builds have learned and are held to; nothing where there is none. */
@customElement("sky-learned-hashes")
export class SkyLearnedHashes extends LitElement {
  @property({ attribute: false }) service!: Service
  @property() organization = ""
  @state() private chosen: KnownHash | null = null
  @query("sky-confirm") private readonly confirm!: SkyConfirm

  private readonly known = new Resource(this, {
    key: () => [this.organization, this.service.name] as const,
    read: ([organization, service], signal) => readLearnedHashes({ organization, service }, signal),
    on: (change, [, name]) => change.kind === "deployment" && (change.service ?? name) === name,
  })

  static override styles = [
    base,
    controls,
    table,
    css`
      .about {
        padding: 16px 16px 0;
      }
    `,
  ]

  override render() {
    const { problem, value = [] } = this.known
    if (problem === null && value.length === 0) return nothing
    return html`<section class="card stack" aria-labelledby="learned-heading">
        <div class="about">
          <h2 id="learned-heading">Learned hashes</h2>
          <p class="muted">
            Of these dependencies no lock file has a hash. Each was learned when it was fetched first; as long as the lock
            file says the same, a build that gets anything else fails.
          </p>
        </div>
        <sky-problem .problem=${problem} retryable @retry=${() => this.known.reload()}></sky-problem>
        ${value.length === 0 ? nothing : this.list(value)}
      </section>
      <sky-confirm heading="Forget this hash?" verb="Forget" dangerous .run=${() => this.forget()}>
        <p>
          The next build with this ${this.chosen?.subject ?? ""} takes whatever comes for right, and later ones are held to
          that. Find out first why it differs.
        </p>
      </sky-confirm>`
  }

  private list(known: readonly KnownHash[]) {
    return html`<div class="table">
      <table>
        <thead>
          <tr>
            <th>Of</th>
            <th>Lock file</th>
            <th>Hash</th>
            <th>Learned</th>
            <th>Used</th>
            <th><span class="hidden-text">What to do</span></th>
          </tr>
        </thead>
        <tbody>
          ${known.map((each) => this.row(each))}
        </tbody>
      </table>
    </div>`
  }

  private row(each: KnownHash) {
    const { deployment, hash, learnedAt, lock, subject, usedAt } = each
    return html`<tr>
      <td class="lead">${subject}</td>
      <td data-label="Lock file"><span class="nowrap"><code title=${lock}>${shortDigest(lock)}</code><sky-copy .value=${lock} what="digest of the lock file"></sky-copy></span></td>
      <td data-label="Hash"><code>${hash}</code></td>
      <td data-label="Learned"><span><sky-time .at=${learnedAt}></sky-time> ${deployment === null ? nothing : this.build(deployment)}</span></td>
      <td data-label="Used" class="nowrap"><sky-time .at=${usedAt}></sky-time></td>
      <td class="end"><button type="button" aria-label="Forget the hash of ${subject}, ${shortDigest(lock)}" @click=${() => this.ask(each)}>Forget</button></td>
    </tr>`
  }

  private build(number: number) {
    const place = { organization: this.organization, service: this.service.name }
    return html`<a href=${pathOf({ view: "deployment", ...place, number })}>by build #${number}</a>`
  }

  private ask(each: KnownHash): void {
    this.chosen = each
    this.confirm.show()
  }

  private async forget(): Promise<void> {
    if (this.chosen === null) return
    const place = { organization: this.organization, service: this.service.name }
    this.known.put(await forgetLearnedHash(place, this.chosen.lock))
    fire(this, "sky-notice", { tone: "good", text: "Forgotten. The next build learns it anew." })
  }
}
