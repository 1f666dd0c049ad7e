import type { Service } from "@skypanel/contract/Service"
import type { Session } from "@skypanel/contract/Session"
import { redeployService, restartService, startService, stopService } from "../data/services.ts"
import { can } from "../domain/can.ts"
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

/** All commands: services first, then places, then orders. */
export const commandsOf = (
  session: Session,
  place: Place,
  services: readonly Service[],
): readonly Command[] => {
  const organization = organizationOf(place) ?? session.organizations[0]?.slug
  if (organization === undefined) return []
  return [
    ...services.map(({ name, state }) =>
      goto(name, state, "services", { view: "service", organization, service: name, tab: "overview" }),
    ),
    goto("New service", "create", "plus", { view: "new-service", organization, from: null }),
    goto("Services", "go to", "services", { view: "services", organization }),
    goto("Templates", "go to", "templates", { view: "templates", organization }),
    ...(session.user.administrator ? [goto("Workers", "go to", "workers", { view: "workers" })] : []),
    goto("About this platform", "go to", "about", { view: "about" }),
    ...session.organizations
      .filter(({ slug }) => slug !== organization)
      .map(({ slug, name }) =>
        goto(`Switch to ${name}`, "organization", "services", { view: "services", organization: slug }),
      ),
    ...services.flatMap((service) => ofService(organization, service)),
  ]
}
