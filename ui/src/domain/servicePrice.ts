import { hourlyPrice, type PriceList } from "@skypanel/contract/Price"
import { replicasOf, resourcesOf, type ServiceForm } from "./serviceForm.ts"
import { volumeOf } from "./volumeForm.ts"

/** Integer micro-dollars per hour for what the form describes; null while a field holds no value. */
export const priceOf = (prices: PriceList, form: ServiceForm): number | null => {
  const resources = resourcesOf(form)
  const replicas = replicasOf(form)
  const volume = volumeOf(form)
  if (resources === null || replicas === null || volume === undefined) return null
  return hourlyPrice(prices, { resources, replicas, volume })
}
