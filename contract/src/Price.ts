import { Schema } from "effect"
import type { Resources } from "./Resources.ts"
import type { Volume } from "./Volume.ts"

/** Integer micro-dollars per hour for each unit of a resource. */
export const PriceList = Schema.Struct({
  currency: Schema.Literal("USD"),
  cpuHour: Schema.Int,
  memoryGibHour: Schema.Int,
  storageGibHour: Schema.Int,
})
export type PriceList = typeof PriceList.Type

const GiB = 2 ** 30
/** A month as prices quote it: 730 hours (8,760 a year over 12). */
export const hoursPerMonth = 730

/**
 * What a service costs an hour, all its instances and its volume, in integer micro-dollars, rounded up: a started
 * micro-dollar is charged.
 */
export const hourlyPrice = (
  prices: PriceList,
  of: { readonly resources: Resources; readonly replicas: number; readonly volume: Volume | null },
): number =>
  Math.ceil(
    of.replicas *
      (prices.cpuHour * of.resources.cpu +
        (prices.memoryGibHour * of.resources.memoryBytes) / GiB +
        (prices.storageGibHour * of.resources.storageBytes) / GiB) +
      (prices.storageGibHour * (of.volume?.sizeBytes ?? 0)) / GiB,
  )

/** Micro-dollars for people: `$0.0083`, with as many digits as an hourly price needs. */
export const formatMoney = (microDollars: number, digits = 4): string =>
  `$${(microDollars / 1e6).toFixed(digits)}`
