import { organizationOf, type Place, pathOf } from "../domain/paths.ts"

export interface Crumb {
  readonly text: string
  /** Null: where one is. */
  readonly href: string | null
}

/** The way from the organization to a place. */
export const crumbsOf = (place: Place): readonly Crumb[] => {
  const organization = organizationOf(place)
  if (organization === null) return lone(place)
  const services = { text: "Services", href: pathOf({ view: "services", organization }) }
  const stacks = { text: "Stacks", href: pathOf({ view: "stacks", organization }) }
  switch (place.view) {
    case "services":
      return [{ text: "Services", href: null }]
    case "new-service":
      return [services, { text: "New service", href: null }]
    case "stacks":
      return [{ text: "Stacks", href: null }]
    case "new-stack":
      return [stacks, { text: "New stack", href: null }]
    case "manage-stacks":
      return [stacks, { text: "Library", href: null }]
    case "stack":
      return [stacks, { text: place.stack, href: null }]
    case "templates":
      return [{ text: "Templates", href: null }]
    case "manage-templates":
      return [
        { text: "Templates", href: pathOf({ view: "templates", organization }) },
        { text: "Manage", href: null },
      ]
    case "builds":
      return [{ text: "Builds", href: null }]
    case "registries":
      return [{ text: "Registries", href: null }]
    case "service": {
      const overview = pathOf({ ...place, tab: "overview" })
      if (place.tab === "overview") return [services, { text: place.service, href: null }]
      return [services, { text: place.service, href: overview }, { text: capital(place.tab), href: null }]
    }
    case "deployment": {
      const service = { view: "service", organization, service: place.service } as const
      return [
        services,
        { text: place.service, href: pathOf({ ...service, tab: "overview" }) },
        { text: "Deployments", href: pathOf({ ...service, tab: "deployments" }) },
        { text: `#${place.number}`, href: null },
      ]
    }
    default:
      return []
  }
}

const capital = (text: string): string => text[0]!.toUpperCase() + text.slice(1)

const workers: Crumb = { text: "Workers", href: pathOf({ view: "workers" }) }

/** Of the places of the whole platform. */
const lone = (place: Place): readonly Crumb[] => {
  const end = (text: string): Crumb => ({ text, href: null })
  switch (place.view) {
    case "all-builds":
      return [end("Builds")]
    case "workers":
      return [end("Workers")]
    case "new-worker":
      return [workers, end("Add worker")]
    case "fleet-policy":
      return [workers, end("Policy")]
    case "fleet-audit":
      return [workers, end("Audit")]
    case "worker":
      return place.tab === "overview"
        ? [workers, end(place.worker)]
        : [
            workers,
            { text: place.worker, href: pathOf({ ...place, tab: "overview" }) },
            end(capital(place.tab)),
          ]
    case "artifacts":
      return [end("Artifacts")]
    case "notifications":
      return [end("Notifications")]
    case "about":
      return [end("About")]
    case "demo":
      return [end("Elements")]
    default:
      return []
  }
}
