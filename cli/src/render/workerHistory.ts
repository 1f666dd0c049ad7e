import { formatSize } from "@skypanel/contract/Resources"
import type { Worker, WorkerSample } from "@skypanel/contract/Worker"
import { chart, highestOfSpans } from "./chart.ts"
import { table } from "./table.ts"
import type { View } from "./view.ts"

const withoutTerminal = 60
/** What the columns beside the chart take. */
const beside = 48
const narrowest = 12

/** Two samples for each character: they come once a minute, and once in ten minutes when more than three hours are shown. */
const charactersOf = (hours: number, width: number | null): number =>
  Math.min(
    hours <= 3 ? hours * 30 : hours * 3,
    width === null ? withoutTerminal : Math.max(narrowest, width - beside),
  )

interface Measure {
  readonly name: string
  readonly value: (sample: WorkerSample) => number
  /** What fills the chart; null: the highest value. */
  readonly most: number | null
  readonly format: (value: number) => string
}

const measuresOf = ({ capacity }: Worker): ReadonlyArray<Measure> => [
  {
    name: "CPU",
    value: (sample) => sample.cpuPercent,
    most: 100,
    format: (value) => `${Math.round(value)} %`,
  },
  {
    name: "Memory",
    value: (sample) => sample.memoryUsedBytes,
    most: capacity?.memoryBytes ?? null,
    format: formatSize,
  },
  {
    name: "Disk",
    value: (sample) => sample.diskUsedBytes,
    most: capacity?.diskBytes ?? null,
    format: formatSize,
  },
  { name: "Load", value: (sample) => sample.load1, most: null, format: (value) => value.toFixed(2) },
  { name: "Instances", value: (sample) => sample.instances, most: null, format: (value) => value.toFixed(0) },
]

const mean = (values: ReadonlyArray<number>): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length

/** A chart for each thing that is measured, over the last `hours`. */
export const workerHistory =
  (worker: Worker, hours: number) =>
  (samples: ReadonlyArray<WorkerSample>, view: View): ReadonlyArray<string> => {
    if (samples.length === 0) return ["Nothing was measured in that time."]
    const time = { from: view.now - hours * 3_600_000, to: view.now }
    const count = charactersOf(hours, view.width)
    const rows = measuresOf(worker).map((measure) => {
      const points = samples.map((sample) => ({ at: Date.parse(sample.at), value: measure.value(sample) }))
      const values = points.map((point) => point.value)
      return { measure, points, values, highest: Math.max(...values) }
    })
    return table<(typeof rows)[number]>(
      [
        { title: "MEASURE", cell: ({ measure }) => measure.name },
        { title: "NOW", cell: ({ measure, values }) => measure.format(values.at(-1)!), align: "right" },
        { title: "MEAN", cell: ({ measure, values }) => measure.format(mean(values)), align: "right" },
        { title: "HIGHEST", cell: ({ measure, highest }) => measure.format(highest), align: "right" },
        {
          title: `LAST ${hours === 1 ? "HOUR" : `${hours} HOURS`}`,
          cell: ({ measure, points, highest }) =>
            chart(highestOfSpans(points, time, count), measure.most ?? highest),
          paint: (text) => view.style.cyan(text),
        },
      ],
      rows,
      { width: null, head: view.style.dim },
    )
  }
