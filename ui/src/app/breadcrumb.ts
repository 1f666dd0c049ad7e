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
  switch (place.view) {
    case "services":
      return [{ text: "Services", href: null }]
    case "new-service":
      return [services, { text: "New service", href: null }]
    case "templates":
      return [{ text: "Templates", href: null }]
    case "service": {
      const overview = pathOf({ ...place, tab: "overview" })
      if (place.tab === "overview") return [services, { text: place.service, href: null }]
      const tab = place.tab[0]!.toUpperCase() + place.tab.slice(1)
      return [services, { text: place.service, href: overview }, { text: tab, href: null }]
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

const lone = (place: Place): readonly Crumb[] => {
  if (place.view === "workers") return [{ text: "Workers", href: null }]
  if (place.view === "about") return [{ text: "About", href: null }]
  if (place.view === "demo") return [{ text: "Elements", href: null }]
  return []
}
