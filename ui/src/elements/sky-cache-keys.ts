import { type CacheKey, youngKey } from "@skypanel/contract/CacheKey"
import { html, LitElement, nothing } from "lit"
import { customElement, query, state } from "lit/decorators.js"
import { repeat } from "lit/directives/repeat.js"
import { Resource } from "../app/Resource.ts"
import { readCacheKeys, retireCacheKey, rotateCacheKeys } from "../data/cacheKeys.ts"
import { cacheKeyLook } from "../domain/looks.ts"
import { base } from "../style/base.ts"
import { controls } from "../style/controls.ts"
import { table } from "../style/table.ts"
import { artifactsStyle } from "../views/artifactsStyle.ts"
import { fire } from "./events.ts"
import "./sky-confirm.ts"
import type { SkyConfirm } from "./sky-confirm.ts"
import "./sky-copy.ts"
import "./sky-problem.ts"
import "./sky-skeleton.ts"
import "./sky-state.ts"
import "./sky-time.ts"

/** The keys that sign what is in the binary cache, newest first: to make a new one, and to retire an old one. */
@customElement("sky-cache-keys")
export class SkyCacheKeys extends LitElement {
  @state() private chosen = ""
  @query("#rotate") private readonly confirmRotate!: SkyConfirm
  @query("#retire") private readonly confirmRetire!: SkyConfirm

  private readonly keys = new Resource(this, {
    key: () => ["cache keys"] as const,
    read: (_, signal) => readCacheKeys(signal),
    // A new key signs what is there in the background.
    onFleet: ({ kind }) => kind === "artifacts" || kind === "measurements",
  })

  static override styles = [base, controls, table, artifactsStyle]

  override render() {
    const { value, problem } = this.keys
    return html`<div class="stack">
      <div class="row wrap spread">
        <p class="muted">Machines that read the cache name them in <code>trusted-public-keys</code>: all that are not retired.</p>
        <button @click=${() => this.confirmRotate.show()}>New key…</button>
      </div>
      <sky-problem .problem=${problem} retryable @retry=${() => this.keys.reload()}></sky-problem>
      ${value ? this.list(value) : problem ? nothing : html`<sky-skeleton .rows=${1} .height=${44}></sky-skeleton>`}
      <sky-confirm id="rotate" heading="Make a new key?" verb="Make it" .run=${() => this.rotate()}>
        <p>It signs from now on. The others sign beside it until you retire them; tell every machine that reads the cache of it meanwhile.</p>
      </sky-confirm>
      <sky-confirm id="retire" heading="Retire ${this.chosen}?" verb="Retire" dangerous .run=${() => this.retire()}>
        <p>Machines that trust it alone take nothing from the cache any more, and its secret half is deleted.</p>
        ${remembered(value ?? [])}
      </sky-confirm>
    </div>`
  }

  private list(keys: readonly CacheKey[]) {
    return html`<div class="table">
      <table aria-label="Signing keys">
        <thead>
          <tr>
            <th>Key</th>
            <th>State</th>
            <th>Made</th>
            <th>Public key</th>
            <th><span class="hidden-text">Actions</span></th>
          </tr>
        </thead>
        <tbody>
          ${repeat(
            keys,
            ({ name }) => name,
            (key) => this.row(key),
          )}
        </tbody>
      </table>
    </div>`
  }

  private row({ name, state, createdAt, publicKey, unsigned }: CacheKey) {
    const canRetire = state === "overlaps" || state === "lost"
    return html`<tr>
      <td class="lead nowrap">${name}</td>
      <td data-label="State"><span><sky-state bare .look=${cacheKeyLook[state]}></sky-state>${
        unsigned === 0 ? nothing : html`<br /><span class="muted">${unsigned} paths to sign</span>`
      }</span></td>
      <td data-label="Made" class="nowrap"><sky-time .at=${createdAt}></sky-time></td>
      <td data-label="Public key" class="path">${publicKey} <sky-copy .value=${publicKey} what="public key"></sky-copy></td>
      <td class="end">
        ${canRetire ? html`<button aria-label="Retire ${name}" @click=${() => this.ask(name)}>Retire…</button>` : nothing}
      </td>
    </tr>`
  }

  private ask(name: string): void {
    this.chosen = name
    void this.updateComplete.then(() => this.confirmRetire.show())
  }

  private async rotate(): Promise<void> {
    this.keys.put(await rotateCacheKeys())
    fire(this, "sky-notice", { tone: "good", text: "The new key signs." })
  }

  private async retire(): Promise<void> {
    this.keys.put(await retireCacheKey(this.chosen))
    fire(this, "sky-notice", { tone: "good", text: `${this.chosen} is retired.` })
  }
}

const remembered = (keys: readonly CacheKey[]) => {
  const young = youngKey(keys, Date.now())
  return young === null
    ? nothing
    : html`<p>
        ${young.name} was made <sky-time .at=${young.createdAt}></sky-time>: Nix remembers for 30 days what was said of a path,
        and machines that trust ${young.name} alone refuse what they remember from before it.
      </p>`
}
