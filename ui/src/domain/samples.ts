import { formatSize } from "@skypanel/contract/Resources"
import type { Capacity, WorkerSample } from "@skypanel/contract/Worker"

/** What one chart shows: times in seconds, values beside them, null where nothing was measured. */
export interface Series {
  readonly title: string
  readonly times: readonly number[]
  readonly values: readonly (number | null)[]
  /** The top of the scale; null: as the values have it. */
  readonly most: number | null
  readonly format: (value: number) => string
}

type Value = (sample: WorkerSample) => number

/** Longer than this between two samples, the worker was not heard from; drawn as a gap. */
const gapSeconds = 1200

/** Puts a hole where the worker was silent, so that no line is drawn over it. */
export const withGaps = (
  samples: readonly WorkerSample[],
  value: Value,
): { readonly times: readonly number[]; readonly values: readonly (number | null)[] } => {
  const times: number[] = []
  const values: (number | null)[] = []
  for (const sample of samples) {
    const time = Date.parse(sample.at) / 1000
    const before = times.at(-1)
    if (before !== undefined && time - before > gapSeconds) {
      times.push(before + 1)
      values.push(null)
    }
    times.push(time)
    values.push(value(sample))
  }
  return { times, values }
}

const percent = (value: number): string => `${Math.round(value)} %`

export const seriesOf = (samples: readonly WorkerSample[], capacity: Capacity | null): readonly Series[] => [
  { title: "CPU", ...withGaps(samples, ({ cpuPercent }) => cpuPercent), most: 100, format: percent },
  {
    title: "Memory",
    ...withGaps(samples, ({ memoryUsedBytes }) => memoryUsedBytes),
    most: capacity?.memoryBytes ?? null,
    format: formatSize,
  },
  {
    title: "Disk",
    ...withGaps(samples, ({ diskUsedBytes }) => diskUsedBytes),
    most: capacity?.diskBytes ?? null,
    format: formatSize,
  },
  {
    title: "Instances",
    ...withGaps(samples, ({ instances }) => instances),
    most: null,
    format: (value) => String(Math.round(value)),
  },
]

/** What a chart shows, in words: for those who do not see it, and above it for those who do. */
export const describeSeries = ({ values, format }: Series): string => {
  const known = values.filter((value) => value !== null)
  if (known.length === 0) return "nothing measured"
  const last = known.at(-1)!
  const lowest = known.reduce((a, b) => Math.min(a, b))
  const highest = known.reduce((a, b) => Math.max(a, b))
  return `now ${format(last)}, between ${format(lowest)} and ${format(highest)}`
}
