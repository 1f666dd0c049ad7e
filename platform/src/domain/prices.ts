import type { PriceList } from "@skypanel/contract/Price"

/** Until prices are set in the page: about what a small cloud VPS costs for the same. */
export const defaultPrices: PriceList = {
  currency: "USD",
  cpuHour: 9_600,
  memoryGibHour: 6_800,
  storageGibHour: 140,
}
