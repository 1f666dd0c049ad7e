import type { Service } from "@skypanel/contract/Service"
import type { Session } from "@skypanel/contract/Session"
import type { Worker } from "@skypanel/contract/Worker"
import { redeployService, restartService, startService, stopService } from "../data/services.ts"
import { drainWorker, readmitWorker, undrainWorker } from "../data/workers.ts"
import { can } from "../domain/can.ts"
import { canWorker } from "../domain/canWorker.ts"
import { organizationOf, type Place } from "../domain/paths.ts"
import type { IconName } from "../elements/icons.ts"

/** Something that the command palette offers: a place to go to, an order to give, or both. */
export interface Command {
  readonly title: string
  readonly hint: string
  readonly icon: IconName
  readonly place?: Place
  /** Gives the order; resolves to what to tell. */
  readonly order?: () => Promise<string>
}

const goto = (title: string, hint: string, icon: IconName, place: Place): Command => ({
  title,
  hint,
  icon,
  place,
})

const ofService = (organization: string, service: Service): readonly Command[] => {
  const { name } = service
  const order = (
    title: string,
    icon: IconName,
    send: (organization: string, service: string) => Promise<unknown>,
    told: string,
  ): Command => ({
    title: `${title} ${name}`,
    hint: "order",
    icon,
    order: async () => {
      await send(organization, name)
      return `${name} ${told}.`
    },
  })
  return [
    ...(can.restart(service) === null
      ? [order("Restart", "restart", restartService, "is being restarted")]
      : []),
    ...(can.redeploy(service) === null
      ? [order("Redeploy", "redeploy", redeployService, "is being redeployed")]
      : []),
    ...(can.start(service) === null ? [order("Start", "start", startService, "is being started")] : []),
    ...(can.stop(service) === null ? [order("Stop", "stop", stopService, "is being stopped")] : []),
    goto(`Logs of ${name}`, "service", "logs", { view: "service", organization, service: name, tab: "logs" }),
  ]
}

const ofWorker = (worker: Worker): readonly Command[] => {
  const { name } = worker
  const order = (
    title: string,
    icon: IconName,
    send: (worker: string) => Promise<unknown>,
    told: string,
  ): Command => ({
    title,
    hint: "order",
    icon,
    order: async () => {
      await send(name)
      return `${name} ${told}.`
    },
  })
  return [
    ...(canWorker.drain(worker) === null
      ? [order(`Drain ${name}`, "drain", drainWorker, "is being drained")]
      : []),
    ...(canWorker.undrain(worker) === null
      ? [
          worker.state === "drained"
            ? order(`Bring back ${name}`, "start", undrainWorker, "takes services again")
            : order(`Stop draining ${name}`, "stop", undrainWorker, "is not drained any more"),
        ]
      : []),
    ...(canWorker.readmit(worker) === null
      ? [order(`Readmit ${name}`, "check", readmitWorker, "is readmitted")]
      : []),
  ]
}

const ofAdministrator = (workers: readonly Worker[]): readonly Command[] => [
  goto("Add worker", "create", "plus", { view: "new-worker" }),
  goto("Workers", "go to", "workers", { view: "workers" }),
  goto("All builds", "go to", "redeploy", { view: "all-builds" }),
  goto("Fleet policy", "go to", "policy", { view: "fleet-policy" }),
  goto("Artifacts", "go to", "artifacts", { view: "artifacts" }),
  goto("Audit of the fleet", "go to", "logs", { view: "fleet-audit" }),
  ...workers.map(({ name, state }) =>
    goto(name, `worker · ${state}`, "workers", { view: "worker", worker: name, tab: "overview" }),
  ),
]

const ofOrganization = (organization: string): readonly Command[] => [
  goto("New service", "create", "plus", { view: "new-service", organization, from: null }),
  goto("Services", "go to", "services", { view: "services", organization }),
  goto("New stack", "create", "plus", { view: "new-stack", organization }),
  goto("Stacks", "go to", "stacks", { view: "stacks", organization }),
  goto("Templates", "go to", "templates", { view: "templates", organization }),
  goto("Builds", "go to", "redeploy", { view: "builds", organization }),
  goto("Registries", "go to", "key", { view: "registries", organization }),
]

/** What the palette knows of, as far as it has been read. */
export interface Known {
  readonly services: readonly Service[]
  readonly workers: readonly Worker[]
}

/** All commands: services first, then places, then orders. */
export const commandsOf = (session: Session, place: Place, known: Known): readonly Command[] => {
  const organization = organizationOf(place) ?? session.organizations[0]?.slug ?? null
  const { administrator } = session.user
  return [
    ...(organization === null
      ? []
      : [
          ...known.services.map(({ name, state }) =>
            goto(name, state, "services", { view: "service", organization, service: name, tab: "overview" }),
          ),
          ...ofOrganization(organization),
        ]),
    ...(administrator ? ofAdministrator(known.workers) : []),
    goto("Notifications", "go to", "bell", { view: "notifications" }),
    goto("About this platform", "go to", "about", { view: "about" }),
    ...session.organizations
      .filter(({ slug }) => slug !== organization)
      .map(({ slug, name }) =>
        goto(`Switch to ${name}`, "organization", "services", { view: "services", organization: slug }),
      ),
    ...(organization === null ? [] : known.services.flatMap((service) => ofService(organization, service))),
    ...(administrator ? known.workers.flatMap(ofWorker) : []),
  ]
}
