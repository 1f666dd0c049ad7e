/** Where one is in the page. The URL is the only place that holds it. */
export type Place =
  | { readonly view: "home" }
  | { readonly view: "services"; readonly organization: string }
  | { readonly view: "new-service"; readonly organization: string; readonly from: NewServiceFrom | null }
  | {
      readonly view: "service"
      readonly organization: string
      readonly service: string
      readonly tab: ServiceTab
    }
  | {
      readonly view: "deployment"
      readonly organization: string
      readonly service: string
      readonly number: number
    }
  | { readonly view: "stacks"; readonly organization: string }
  | { readonly view: "new-stack"; readonly organization: string }
  | { readonly view: "manage-stacks"; readonly organization: string }
  | { readonly view: "stack"; readonly organization: string; readonly stack: string }
  | { readonly view: "templates"; readonly organization: string }
  | { readonly view: "manage-templates"; readonly organization: string }
  | { readonly view: "builds"; readonly organization: string }
  | { readonly view: "registries"; readonly organization: string }
  | { readonly view: "all-builds" }
  | { readonly view: "workers" }
  | { readonly view: "new-worker" }
  | { readonly view: "worker"; readonly worker: string; readonly tab: WorkerTab }
  | { readonly view: "fleet-policy" }
  | { readonly view: "fleet-audit" }
  | { readonly view: "artifacts" }
  | { readonly view: "notifications" }
  | { readonly view: "about" }
  | { readonly view: "demo" }
  | { readonly view: "not-found" }

export const serviceTabs = [
  "overview",
  "deployments",
  "builds",
  "releases",
  "logs",
  "configuration",
  "settings",
] as const
export type ServiceTab = (typeof serviceTabs)[number]

/** What an organization's path names by one word. */
const collections = [
  "services",
  "stacks",
  "new-stack",
  "manage-stacks",
  "templates",
  "manage-templates",
  "builds",
  "registries",
] as const

const segment = encodeURIComponent

export const workerTabs = ["overview", "events", "settings"] as const
export type WorkerTab = (typeof workerTabs)[number]

/** What stands beside the workers' names under `/workers`. */
const besideWorkers = { new: "new-worker", policy: "fleet-policy", audit: "fleet-audit" } as const

/** A worker may be called `new`: its page has a mark before the name that no name can have. */
const workerSegment = (name: string): string =>
  segment(Object.hasOwn(besideWorkers, name) || name.startsWith("~") ? `~${name}` : name)

export type NewServiceFrom =
  | { readonly door: "template"; readonly template: string | null }
  | { readonly door: "git" }
  | { readonly door: "folder" }
  | { readonly door: "image" }
  | { readonly door: "expression" }

/** The path of a place: every link of the page comes from here. */
export const pathOf = (place: Place): string => {
  switch (place.view) {
    case "home":
      return "/"
    case "services":
      return `/organizations/${segment(place.organization)}/services`
    case "new-service":
      return `/organizations/${segment(place.organization)}/new-service${queryOf(place.from)}`
    case "service": {
      const tab = place.tab === "overview" ? "" : `/${place.tab}`
      return `/organizations/${segment(place.organization)}/services/${segment(place.service)}${tab}`
    }
    case "deployment":
      return `/organizations/${segment(place.organization)}/services/${segment(place.service)}/deployments/${place.number}`
    case "stack":
      return `/organizations/${segment(place.organization)}/stacks/${segment(place.stack)}`
    case "stacks":
    case "new-stack":
    case "manage-stacks":
    case "templates":
    case "manage-templates":
    case "builds":
    case "registries":
      return `/organizations/${segment(place.organization)}/${place.view}`
    case "all-builds":
      return "/builds"
    case "new-worker":
      return "/workers/new"
    case "fleet-policy":
      return "/workers/policy"
    case "fleet-audit":
      return "/workers/audit"
    case "worker":
      return `/workers/${workerSegment(place.worker)}${place.tab === "overview" ? "" : `/${place.tab}`}`
    case "not-found":
      return "/not-found"
    default:
      return `/${place.view}`
  }
}

const queryOf = (from: NewServiceFrom | null): string => {
  if (from === null) return ""
  if (from.door === "template" && from.template !== null)
    return `?from=template&template=${segment(from.template)}`
  return `?from=${from.door}`
}

const readFrom = (query: URLSearchParams): NewServiceFrom | null => {
  const door = query.get("from")
  if (door === "template") return { door, template: query.get("template") }
  return door === "git" || door === "folder" || door === "image" || door === "expression" ? { door } : null
}

const decode = (text: string): string | null => {
  try {
    return decodeURIComponent(text)
  } catch {
    return null
  }
}

const notFound: Place = { view: "not-found" }

/** The place that a path names; `not-found` when it names none. */
export const placeOf = (pathname: string, search = ""): Place => {
  const parts = pathname.split("/").filter(Boolean).map(decode)
  if (parts.some((part) => part === null)) return notFound
  const [first, organization, collection, service, tab, number, ...rest] = parts as string[]
  if (first === undefined) return { view: "home" }
  if (first === "workers") return workersPlace(parts.slice(1) as string[])
  if (first === "builds") return organization === undefined ? { view: "all-builds" } : notFound
  if (first !== "organizations")
    return organization === undefined &&
      (first === "artifacts" || first === "notifications" || first === "about" || first === "demo")
      ? { view: first }
      : notFound
  if (organization === undefined || rest.length > 0) return notFound
  if (service === undefined) {
    const view = collections.find((name) => name === collection)
    if (view !== undefined) return { view, organization }
    if (collection === "new-service")
      return { view: "new-service", organization, from: readFrom(new URLSearchParams(search)) }
    return notFound
  }
  if (collection === "stacks")
    return tab === undefined ? { view: "stack", organization, stack: service } : notFound
  if (collection !== "services") return notFound
  if (number !== undefined)
    return tab === "deployments" && /^[1-9]\d{0,8}$/.test(number)
      ? { view: "deployment", organization, service, number: Number(number) }
      : notFound
  const known = tab === undefined ? "overview" : serviceTabs.find((name) => name === tab)
  return known === undefined ? notFound : { view: "service", organization, service, tab: known }
}

const workersPlace = ([name, tab, ...rest]: readonly string[]): Place => {
  if (name === undefined) return { view: "workers" }
  if (rest.length > 0) return notFound
  if (Object.hasOwn(besideWorkers, name))
    return tab === undefined ? { view: besideWorkers[name as keyof typeof besideWorkers] } : notFound
  const known = tab === undefined ? "overview" : workerTabs.find((one) => one === tab)
  const worker = name.replace(/^~/, "")
  return known === undefined || worker === "" ? notFound : { view: "worker", worker, tab: known }
}

/** The organization that a place is in; null for those of the whole platform. */
export const organizationOf = (place: Place): string | null =>
  "organization" in place ? place.organization : null
