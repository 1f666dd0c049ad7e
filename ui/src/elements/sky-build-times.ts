import type { BuildRecord } from "@skypanel/contract/BuildRecord"
import { css, html, LitElement, nothing, svg } from "lit"
import { customElement, property } from "lit/decorators.js"
import { type BuildBar, buildBars, phaseWords, workedMs } from "../domain/buildTimes.ts"
import { formatDuration } from "../domain/time.ts"
import { base } from "../style/base.ts"

const width = 6
const gap = 2
const height = 40

/** How long builds took, as a small picture: a bar for each, the newest at the right. */
@customElement("sky-build-times")
export class SkyBuildTimes extends LitElement {
  @property({ attribute: false }) builds: readonly BuildRecord[] = []

  static override styles = [
    base,
    css`
      svg {
        display: block;
        height: 40px;
        max-width: 100%;
      }
      rect {
        fill: var(--sky-text-muted);
      }
      .succeeded,
      .running {
        fill: var(--sky-accent);
      }
      .failed {
        fill: var(--sky-bad);
      }
    `,
  ]

  override render() {
    const bars = buildBars(this.builds)
    // One is no comparison.
    if (bars.length < 2) return nothing
    const all = bars.length * (width + gap) - gap
    return html`<svg viewBox="0 0 ${all} ${height}" width=${all} height=${height} role="img" aria-label=${words(bars)}>
      ${bars.map(bar)}
    </svg>`
  }
}

const bar = ({ build, height: part }: BuildBar, index: number) => svg`<rect
    class=${build.state} x=${index * (width + gap)} y=${height * (1 - part)} width=${width} height=${height * part}
  ><title>Build ${build.deployment}, ${build.state}: ${phaseWords(build)}</title></rect>`

const words = (bars: readonly BuildBar[]): string => {
  const times = bars.map(({ build }) => workedMs(build))
  return `How long ${bars.length} builds took: between ${formatDuration(Math.min(...times))} and ${formatDuration(Math.max(...times))}, the newest ${formatDuration(times.at(-1)!)}`
}
