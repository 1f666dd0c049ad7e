import { Schema } from "effect"

const MiB = 1024 * 1024

/** What one instance of a service may use. `storageBytes` bounds its writable space (`/tmp`). */
export const Resources = Schema.Struct({
  /** Cores; 0.05 to 64 in steps that Docker can express. */
  cpu: Schema.Number.check(
    Schema.isBetween({ minimum: 0.05, maximum: 64 }, { message: "CPU is between 0.05 and 64 cores" }),
  ),
  /** 16 MiB to 512 GiB. */
  memoryBytes: Schema.Int.check(
    Schema.isBetween(
      { minimum: 16 * MiB, maximum: 512 * 1024 * MiB },
      { message: "memory is between 16 MiB and 512 GiB" },
    ),
  ),
  /** 1 MiB to 1 TiB. */
  storageBytes: Schema.Int.check(
    Schema.isBetween(
      { minimum: MiB, maximum: 1024 * 1024 * MiB },
      { message: "storage is between 1 MiB and 1 TiB" },
    ),
  ),
})
export type Resources = typeof Resources.Type

/** How many instances of it run. */
export const Replicas = Schema.Int.check(
  Schema.isBetween({ minimum: 1, maximum: 20 }, { message: "a service has 1 to 20 instances" }),
)

export const defaultResources: Resources = { cpu: 0.25, memoryBytes: 256 * MiB, storageBytes: 64 * MiB }

const units: Record<string, number> = {
  "": 1,
  k: 1e3,
  m: 1e6,
  g: 1e9,
  t: 1e12,
  ki: 2 ** 10,
  mi: 2 ** 20,
  gi: 2 ** 30,
  ti: 2 ** 40,
}

/** Reads a size such as `256MiB`, `512M` or `1GB`; null when it is none. Letters may be of either case. */
export const parseSize = (text: string): number | null => {
  const match = /^\s*(\d+(?:\.\d+)?)\s*([kmgt]?i?)b?\s*$/i.exec(text)
  const factor = match && units[match[2]!.toLowerCase()]
  return factor ? Math.round(Number(match[1]) * factor) : null
}

/** A size for people: `256 MiB`, `1.5 GiB`. */
export const formatSize = (bytes: number): string => {
  const names = ["B", "KiB", "MiB", "GiB", "TiB"]
  let value = bytes
  let unit = 0
  while (value >= 1024 && unit < names.length - 1) {
    value /= 1024
    unit += 1
  }
  return `${value >= 100 || Number.isInteger(value) ? Math.round(value) : value.toFixed(1)} ${names[unit]}`
}
