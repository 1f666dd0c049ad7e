import { html, LitElement, type PropertyValues, unsafeCSS } from "lit"
import { customElement, property, query, state } from "lit/decorators.js"
import uPlot from "uplot"
import uPlotStyle from "uplot/dist/uPlot.min.css?inline"
import { describeSeries, type Series } from "../domain/samples.ts"
import { base } from "../style/base.ts"
import { chart } from "../style/chart.ts"

const height = 110
const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" })
const date = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short" })
const day = new Intl.DateTimeFormat("en-GB", { weekday: "short", hour: "2-digit", minute: "2-digit" })

/** One thing over time. Its words say the same; with the arrow keys its values are read one by one. */
@customElement("sky-chart")
export class SkyChart extends LitElement {
  @property({ attribute: false }) series!: Series
  /** What is pointed at, else the newest. */
  @state() private at: number | null = null
  @query(".plot") private readonly place!: HTMLElement
  private plot: uPlot | null = null
  private readonly resized = new ResizeObserver(() => this.resize())
  private readonly theme = new MutationObserver(() => this.plot?.redraw())
  private readonly scheme = matchMedia("(prefers-color-scheme: dark)")

  static override styles = [unsafeCSS(uPlotStyle), base, chart]

  override connectedCallback(): void {
    super.connectedCallback()
    this.theme.observe(document.documentElement, { attributeFilter: ["data-theme"] })
    this.scheme.addEventListener("change", this.redraw)
    if (this.hasUpdated) this.resized.observe(this.place)
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.theme.disconnect()
    this.resized.disconnect()
    this.scheme.removeEventListener("change", this.redraw)
    this.plot?.destroy()
    this.plot = null
  }

  override firstUpdated(): void {
    this.resized.observe(this.place)
  }

  override updated(changed: PropertyValues<this>): void {
    if (!changed.has("series")) return
    const before = changed.get("series") as Series | undefined
    if (this.plot !== null && before?.most === this.series.most) this.plot.setData(this.data)
    else this.draw()
  }

  private get data(): uPlot.AlignedData {
    return [[...this.series.times], [...this.series.values]]
  }

  private readonly redraw = (): void => this.plot?.redraw()

  private draw(): void {
    const width = this.place.clientWidth
    if (width === 0) return
    this.plot?.destroy()
    this.plot = new uPlot(this.options(width), this.data, this.place)
  }

  private resize(): void {
    if (this.plot === null) this.draw()
    else this.plot.setSize({ width: this.place.clientWidth, height })
  }

  /** A colour as the theme has it now: a canvas knows no custom properties. */
  private colour(of: string): string {
    const sample = this.renderRoot.querySelector(`.colour.${of}`)
    return sample ? getComputedStyle(sample).color : "gray"
  }

  private options(width: number): uPlot.Options {
    const { most, steps, format } = this.series
    const axis: uPlot.Axis = {
      stroke: () => this.colour("muted"),
      grid: { stroke: () => this.colour("line"), width: 1 },
      ticks: { show: false },
      font: "11px system-ui, sans-serif",
    }
    return {
      width,
      height,
      legend: { show: false },
      padding: [8, 18, 0, 0],
      cursor: { y: false, drag: { x: false, y: false }, points: { size: 6 } },
      scales: {
        x: { range: () => this.span },
        y: { range: (_, __, highest) => [0, most ?? Math.max(1, highest * 1.2)] },
      },
      series: [
        {},
        {
          stroke: () => this.colour("accent"),
          fill: () => this.colour("quiet"),
          width: 1.5,
          // One value alone is no line.
          points: { show: (plot) => plot.data[0].length === 1, size: 5 },
        },
      ],
      axes: [
        {
          ...axis,
          size: 24,
          space: 70,
          values: (_, ticks) => ticks.map((tick) => this.when(tick)),
        },
        {
          ...axis,
          size: 62,
          space: 26,
          values: (_, ticks) => ticks.map(format),
          ...(steps === null ? {} : { incrs: [...steps] }),
        },
      ],
      hooks: {
        setCursor: [
          (plot) => {
            this.at = plot.cursor.idx ?? null
          },
        ],
      },
    }
  }

  /** Of a worker's first minutes a quarter of an hour: one value alone has no span, and its times would all be the same. */
  private get span(): uPlot.Range.MinMax {
    const { times } = this.series
    const last = times.at(-1) ?? 0
    return [Math.min(times[0] ?? 0, last - 900), last]
  }

  private when(seconds: number): string {
    const { times } = this.series
    const long = (times.at(-1) ?? 0) - (times[0] ?? 0)
    return (long > 8 * 86_400 ? date : long > 86_400 ? day : clock).format(seconds * 1000)
  }

  override render() {
    const { title, times, values, format } = this.series
    const last = Math.max(0, times.length - 1)
    const at = Math.min(this.at ?? last, last)
    const value = values[at] ?? null
    const told =
      times[at] === undefined
        ? "nothing measured"
        : `${this.when(times[at])}: ${value === null ? "not heard from" : format(value)}`
    return html`<figure>
      <figcaption>
        <h3>${title}</h3>
        <span class="small muted number">${this.at === null ? describeSeries(this.series) : told}</span>
      </figcaption>
      <div
        class="plot"
        role="slider"
        tabindex="0"
        aria-label="${title} over time"
        aria-orientation="horizontal"
        aria-valuemin="0"
        aria-valuemax=${last}
        aria-valuenow=${at}
        aria-valuetext="${told} (${describeSeries(this.series)})"
        @keydown=${(event: KeyboardEvent) => this.onKey(event, at, last)}
        @blur=${() => this.point(null)}
      ></div>
      <i class="colour accent"></i><i class="colour quiet"></i><i class="colour muted"></i><i class="colour line"></i>
    </figure>`
  }

  private onKey(event: KeyboardEvent, at: number, last: number): void {
    const to: Record<string, number> = {
      ArrowLeft: at - 1,
      ArrowRight: at + 1,
      PageUp: at - 10,
      PageDown: at + 10,
      Home: 0,
      End: last,
    }
    const next = to[event.key]
    if (next === undefined) return
    event.preventDefault()
    this.point(Math.min(last, Math.max(0, next)))
  }

  /** Puts the chart's own cross-hair there; it tells where it stands. */
  private point(at: number | null): void {
    this.at = at
    const { plot } = this
    if (plot === null) return
    const time = at === null ? undefined : this.series.times[at]
    const left = time === undefined ? -10 : plot.valToPos(time, "x")
    plot.setCursor({ left, top: time === undefined ? -10 : 10 }, false)
  }
}
