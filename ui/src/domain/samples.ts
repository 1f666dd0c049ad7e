import { formatSize } from "@skypanel/contract/Resources"
import type { Capacity, WorkerSample } from "@skypanel/contract/Worker"

/** What one chart shows: times in seconds, values beside them, null where nothing was measured. */
export interface Series {
  readonly title: string
  readonly times: readonly number[]
  readonly values: readonly (number | null)[]
  /** The top of the scale; null: as the values have it. */
  readonly most: number | null
  /** Which distances between the lines of the scale are round numbers of this; null: those of ten. */
  readonly steps: readonly number[] | null
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

/** 1 MiB to 1 PiB. */
export const binarySteps = Array.from({ length: 31 }, (_, at) => 2 ** (20 + at))
const wholeSteps = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000]

const percent = (value: number): string => `${Math.round(value)} %`

export const seriesOf = (samples: readonly WorkerSample[], capacity: Capacity | null): readonly Series[] => [
  {
    title: "CPU",
    ...withGaps(samples, ({ cpuPercent }) => cpuPercent),
    most: 100,
    steps: null,
    format: percent,
  },
  {
    title: "Memory",
    ...withGaps(samples, ({ memoryUsedBytes }) => memoryUsedBytes),
    most: capacity?.memoryBytes ?? null,
    steps: binarySteps,
    format: formatSize,
  },
  {
    title: "Disk",
    ...withGaps(samples, ({ diskUsedBytes }) => diskUsedBytes),
    most: capacity?.diskBytes ?? null,
    steps: binarySteps,
    format: formatSize,
  },
  {
    title: "Instances",
    ...withGaps(samples, ({ instances }) => instances),
    most: null,
    steps: wholeSteps,
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
