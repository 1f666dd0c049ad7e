import type { Release } from "@skypanel/contract/Release"
import { formatSize } from "@skypanel/contract/Resources"
import type { Service } from "@skypanel/contract/Service"
import { shortDigest } from "@skypanel/contract/shortDigest"
import { css, html, LitElement, nothing } from "lit"
import { customElement, property, query, state } from "lit/decorators.js"
import { repeat } from "lit/directives/repeat.js"
import { Resource } from "../app/Resource.ts"
import { readReleases, rollBack } from "../data/deployments.ts"
import { can } from "../domain/can.ts"
import { describeVolume } from "../domain/volumeForm.ts"
import { fire } from "../elements/events.ts"
import { icon } from "../elements/icons.ts"
import { secretsOfNow } from "../elements/secretsOfNow.ts"
import "../elements/sky-confirm.ts"
import type { SkyConfirm } from "../elements/sky-confirm.ts"
import "../elements/sky-copy.ts"
import "../elements/sky-empty.ts"
import "../elements/sky-problem.ts"
import "../elements/sky-release-comparison.ts"
import "../elements/sky-release-packages.ts"
import "../elements/sky-skeleton.ts"
import "../elements/sky-source.ts"
import "../elements/sky-time.ts"
import { base } from "../style/base.ts"
import { controls } from "../style/controls.ts"
import { table } from "../style/table.ts"

type Shown =
  | { readonly what: "comparison"; readonly before: number; readonly after: number }
  | { readonly what: "packages"; readonly release: number }

/** What a service can be rolled back to, what is in it, and what changed. */
@customElement("sky-service-releases")
export class SkyServiceReleases extends LitElement {
  @property({ attribute: false }) service!: Service
  @property() organization = ""
  @state() private chosen: Release | null = null
  @state() private shown: Shown | null = null
  @query("sky-confirm") private readonly confirm!: SkyConfirm

  private readonly releases = new Resource(this, {
    key: () => [this.organization, this.service.name] as const,
    read: (key, signal) => readReleases(...key, signal),
    on: (change, [, name]) => (change.service ?? name) === name,
  })

  static override styles = [
    base,
    controls,
    table,
    css`
      .current {
        color: var(--sky-good);
        font-weight: 550;
      }
      .name {
        font-weight: 600;
      }
      .compare {
        margin-bottom: 16px;
      }
      .compare select {
        width: auto;
      }
      .shown {
        margin-top: 24px;
      }
      .actions {
        justify-content: flex-end;
      }
      code,
      .actions button,
      td.lead {
        white-space: nowrap;
      }
    `,
  ]

  override render() {
    const releases = this.releases.value
    if (this.releases.problem && !releases)
      return html`<sky-problem .problem=${this.releases.problem} retryable @retry=${() => this.releases.reload()}></sky-problem>`
    if (!releases) return html`<sky-skeleton .rows=${4} .height=${48}></sky-skeleton>`
    if (releases.length === 0)
      return html`<sky-empty heading="No release yet">
        <p>Each successful build becomes a release: its image and its configuration, kept together for rolling back.</p>
      </sky-empty>`
    return html`${releases.length > 1 ? this.choice(releases) : nothing}
      <div class="card table">
        <table>
          <thead>
            <tr>
              <th>Release</th>
              <th>Source</th>
              <th>Runs with</th>
              <th>Image</th>
              <th class="end">Size</th>
              <th>Made</th>
              <th><span class="hidden-text">Actions</span></th>
            </tr>
          </thead>
          <tbody>
            ${repeat(
              releases,
              ({ id }) => id,
              (release) => this.row(release),
            )}
          </tbody>
        </table>
      </div>
      ${this.details()}
      <sky-confirm
        heading="Roll back to release #${this.chosen?.number ?? ""}?"
        verb="Roll back"
        .run=${() => this.rollBack()}
      >
        <p>
          Its image and its configuration are deployed as they were. Nothing is built, and release
          #${this.service.release ?? "–"} serves until the other has answered.
        </p>
        ${secretsOfNow(this.chosen?.secretsOfNow ?? [])}
      </sky-confirm>`
  }

  private row(release: Release) {
    const whyNot =
      release.current && this.service.state === "live"
        ? "It is the one that serves."
        : release.imageGone
          ? "Its image was removed to make room; deploy its revision again."
          : can.rollBack(this.service)
    return html`<tr>
      <td class="lead number"><span class="name">#${release.number}</span>${release.current ? html`&nbsp;<span class="current small">current</span>` : nothing}</td>
      <td data-label="Source"><sky-source .source=${release.source} .revision=${release.revision}></sky-source></td>
      <td data-label="Runs with" class="small number">
        <span
          >${release.replicas === 1 ? "1 instance" : `${release.replicas} instances`}${
            release.volume === null ? nothing : html`<br /><code>${describeVolume(release.volume)}</code>`
          }</span
        >
      </td>
      <td data-label="Image">
        <span class="row"
          ><code title=${release.imageDigest}>${shortDigest(release.imageDigest)}</code
          ><sky-copy .value=${release.imageDigest} what="image digest"></sky-copy
        ></span>
      </td>
      <td data-label="Size" class="end number nowrap">${
        release.imageGone ? html`<span class="muted">removed</span>` : formatSize(release.imageBytes)
      }</td>
      <td data-label="Made" class="nowrap"><sky-time .at=${release.createdAt}></sky-time></td>
      <td class="end">
        <span class="row actions">
        <button
          class="quiet"
          aria-label="Packages of release ${release.number}"
          @click=${() => this.show({ what: "packages", release: release.number })}
        >
          Packages
        </button>
        <button
          aria-label="Roll back to release ${release.number}"
          aria-disabled=${whyNot === null ? "false" : "true"}
          title=${whyNot ?? nothing}
          @click=${() => whyNot === null && this.ask(release)}
        >
          ${icon("back")} Roll back
        </button>
        </span>
      </td>
    </tr>`
  }

  /** Two to compare; at first the one before it with the one that serves. */
  private choice(releases: readonly Release[]) {
    const current = releases.find((release) => release.current) ?? releases[0]!
    const compared = this.shown?.what === "comparison" ? this.shown : null
    const after = compared?.after ?? current.number
    const earlier = releases.find(({ number }) => number < after)
    const other = earlier ?? releases.find(({ number }) => number !== after)
    const before = compared?.before ?? other?.number ?? after
    const select = (label: string, chosen: number, name: "before" | "after") =>
      html`<select
        aria-label=${label}
        @change=${(event: Event) =>
          this.show({
            what: "comparison",
            before,
            after,
            [name]: Number((event.target as HTMLSelectElement).value),
          })}
      >
        ${releases.map(
          ({ number, current }) =>
            html`<option value=${number} ?selected=${number === chosen}>
              #${number}${current ? " (current)" : ""}
            </option>`,
        )}
      </select>`
    return html`<div class="row wrap compare" role="group" aria-label="Compare releases">
      ${select("Compare release", before, "before")} <span class="muted">with</span>
      ${select("With release", after, "after")}
      <button @click=${() => this.show({ what: "comparison", before, after })}>Compare</button>
    </div>`
  }

  private details() {
    if (this.shown === null) return nothing
    return html`<div class="shown">
      ${
        this.shown.what === "packages"
          ? html`<sky-release-packages
              .organization=${this.organization}
              .service=${this.service.name}
              .release=${this.shown.release}
            ></sky-release-packages>`
          : html`<sky-release-comparison
              .organization=${this.organization}
              .service=${this.service.name}
              .from=${this.shown.before}
              .to=${this.shown.after}
            ></sky-release-comparison>`
      }
    </div>`
  }

  private show(shown: Shown): void {
    this.shown = shown
  }

  private ask(release: Release): void {
    this.chosen = release
    void this.updateComplete.then(() => this.confirm.show())
  }

  private async rollBack(): Promise<void> {
    if (this.chosen === null) return
    const { deployment } = await rollBack(this.organization, this.service.name, this.chosen.number)
    fire(this, "sky-notice", {
      tone: "good",
      text: `Rolling back to release #${this.chosen.number}: deployment #${deployment.number}.`,
    })
    this.dispatchEvent(new Event("ordered"))
  }
}
