import type { WorkerInstance } from "@skypanel/contract/Worker"
import type { Style } from "./style.ts"
import { oneLine } from "./text.ts"

/** Named one by one, so that nobody has to look them up. */
const namedMost = 20

/** What the removal of a worker by force costs. */
export const lossLines = (instances: ReadonlyArray<WorkerInstance>, style: Style): ReadonlyArray<string> => {
  const services = [...new Set(instances.map(({ organization, service }) => `${organization}/${service}`))]
  const more = services.length - namedMost
  return [
    `${style.yellow("!")} By force nothing is moved away first: requests to what runs there fail until it runs elsewhere,`,
    "  and a volume that is only there is lost with its data, for good.",
    ...services.slice(0, namedMost).map((service) => `  ${oneLine(service)}`),
    ...(more > 0 ? [`  and ${more} more`] : []),
  ]
}
