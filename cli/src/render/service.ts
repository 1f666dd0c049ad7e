import { overrideEntries } from "@skypanel/contract/Overrides"
import { formatMoney, hoursPerMonth } from "@skypanel/contract/Price"
import { formatSize, type Resources } from "@skypanel/contract/Resources"
import { describePort, type Service, steadySeconds } from "@skypanel/contract/Service"
import { describeSource } from "@skypanel/contract/Source"
import { fieldLines } from "./fields.ts"
import { paintState } from "./state.ts"
import { table } from "./table.ts"
import { oneLine } from "./text.ts"
import { formatAgo } from "./time.ts"
import type { View } from "./view.ts"

export const formatResources = (resources: Resources): string =>
  `${resources.cpu} CPU, ${formatSize(resources.memoryBytes)} memory, ${formatSize(resources.storageBytes)} storage`

export const formatVolume = (volume: Service["volume"]): string =>
  volume === null ? "—" : `${volume.path}, ${formatSize(volume.sizeBytes)}`

const whenLost: Record<NonNullable<Service["volume"]>["whenWorkerIsLost"], string> = {
  wait: "waits for it when its worker is lost",
  "start-empty": "starts empty elsewhere when its worker is lost",
}

/** How many are healthy (while a deployment rolls out, of both releases) of how many there shall be. */
const instancesOf = ({ instances, replicas }: Service): string =>
  `${instances.filter((instance) => instance.healthy).length} of ${replicas}`

const deploymentOf = (service: Service): string =>
  service.deployment === null ? "—" : `${service.deployment.number} ${service.deployment.status}`

export const serviceList = (services: ReadonlyArray<Service>, view: View): ReadonlyArray<string> =>
  services.length === 0
    ? ["No services yet. Deploy one: skypanel deploy NAME --template nodejs --wait"]
    : table<Service>(
        [
          { title: "NAME", cell: (service) => service.name },
          {
            title: "STATE",
            cell: (service) => service.state,
            paint: (text, service) => paintState(view.style)(text, service.state),
          },
          {
            title: "RELEASE",
            align: "right",
            cell: (service) => (service.release === null ? "—" : String(service.release)),
          },
          { title: "DEPLOYMENT", cell: deploymentOf },
          { title: "HEALTHY", cell: instancesOf, align: "right" },
          { title: "VOLUME", cell: (service) => formatVolume(service.volume) },
          { title: "SOURCE", cell: (service) => describeSource(service.source), shrink: true },
          { title: "URL", cell: (service) => service.url ?? "—" },
        ],
        services,
        { width: view.width, head: view.style.dim },
      )

const failureOf = (service: Service, view: View): string => {
  const title = service.deployment?.failureTitle ?? null
  return title === null ? "" : view.style.red(oneLine(title))
}

const instanceLines = (service: Service, view: View): ReadonlyArray<string> =>
  service.instances.length === 0
    ? []
    : [
        "",
        ...table<Service["instances"][number]>(
          [
            { title: "SLOT", cell: (instance) => String(instance.slot), align: "right" },
            { title: "INSTANCE", cell: (instance) => instance.containerId.slice(0, 12) },
            { title: "STATE", cell: (instance) => `${instance.state}${instance.healthy ? ", healthy" : ""}` },
            { title: "DEPLOYMENT", cell: (instance) => String(instance.deployment), align: "right" },
            { title: "STARTED", cell: (instance) => formatAgo(instance.startedAt, view.now) },
            { title: "WORKER", cell: (instance) => instance.worker },
            { title: "PROBE", cell: (instance) => instance.probe, shrink: true },
          ],
          service.instances.toSorted((one, other) => one.slot - other.slot),
          { width: view.width, head: view.style.dim },
        ),
      ]

const healthOf = ({ port, healthPath }: Service): readonly [string, string] => {
  if (port === null) return ["Healthy", `once its process has stayed up for ${steadySeconds} seconds`]
  return ["Health path", healthPath === null ? "none (a connection is enough)" : oneLine(healthPath)]
}

export const serviceStatus = (service: Service, view: View): ReadonlyArray<string> => {
  const month = formatMoney(service.hourlyPrice * hoursPerMonth, 2)
  return [
    ...fieldLines(
      [
        ["Service", view.style.bold(service.name)],
        ["State", paintState(view.style)(service.state, service.state)],
        [
          service.public || service.url === null ? "URL" : "Answers at",
          oneLine(service.url ?? "none: it runs without a port"),
        ],
        ["Part of stack", service.stack ?? ""],
        ["Source", oneLine(describeSource(service.source))],
        ...overrideEntries("overrides" in service.source ? (service.source.overrides ?? {}) : {}).map(
          ([key, value], index): [string, string] => [
            index === 0 ? "Overrides" : "",
            oneLine(`${key}=${value}`),
          ],
        ),
        ["Release", service.release === null ? "none yet" : String(service.release)],
        [
          "Deployment",
          service.deployment === null
            ? "none yet"
            : `${deploymentOf(service)}, ${formatAgo(service.deployment.createdAt, view.now)}`,
        ],
        ["", failureOf(service, view)],
        ["Instances", `${instancesOf(service)} healthy`],
        ["Resources", `${formatResources(service.resources)}${service.replicas > 1 ? ", each" : ""}`],
        [
          "Volume",
          service.volume === null
            ? ""
            : oneLine(`${formatVolume(service.volume)}; ${whenLost[service.volume.whenWorkerIsLost]}`),
        ],
        ["Price", `${formatMoney(service.hourlyPrice)} an hour, ${month} a month`],
        ["Port", describePort(service.port)],
        healthOf(service),
        ...Object.entries(service.environment).map(([name, value], index): [string, string] => [
          index === 0 ? "Environment" : "",
          oneLine(`${name}=${value}`),
        ]),
        ["Secrets", service.secrets.map(({ name }) => oneLine(name)).join(", ")],
      ],
      view.style,
    ),
    ...instanceLines(service, view),
  ]
}
