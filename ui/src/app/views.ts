import type { Session } from "@skypanel/contract/Session"
import { html, type TemplateResult } from "lit"
import { until } from "lit/directives/until.js"
import { organizationOf, type Place, type ServiceTab } from "../domain/paths.ts"
import "../elements/sky-empty.ts"
import "../elements/sky-problem.ts"
import "../elements/sky-skeleton.ts"
import { patiently } from "../data/patience.ts"
import { Problem } from "../data/problem.ts"

/** Each view comes when somebody first goes there. */
const modules: Record<Place["view"], () => Promise<unknown>> = {
  home: () => Promise.resolve(),
  services: () => import("../views/sky-services.ts"),
  "new-service": () => import("../views/sky-new-service.ts"),
  service: () => import("../views/sky-service.ts"),
  deployment: () => import("../views/sky-deployment.ts"),
  templates: () => import("../views/sky-templates.ts"),
  workers: () => import("../views/sky-workers.ts"),
  about: () => import("../views/sky-about.ts"),
  demo: () => import("../views/sky-demo.ts"),
  "not-found": () => Promise.resolve(),
}

/** What could not be fetched is asked for again: the network may just have changed. */
const load = (view: Place["view"]): Promise<unknown> =>
  patiently(() =>
    modules[view]().catch(() => {
      throw notLoaded
    }),
  )

const loaded = new Set<Place["view"]>()

const notLoaded = new Problem(
  "Unreachable",
  "This part of the page could not be loaded.",
  "Check the connection and reload the page.",
)

const element = (place: Place): TemplateResult => {
  switch (place.view) {
    case "services":
      return html`<sky-services .organization=${place.organization}></sky-services>`
    case "new-service":
      return html`<sky-new-service .organization=${place.organization} .from=${place.from}></sky-new-service>`
    case "service":
      return html`<sky-service
        .organization=${place.organization}
        .name=${place.service}
        .tab=${place.tab}
      ></sky-service>`
    case "deployment":
      return html`<sky-deployment
        .organization=${place.organization}
        .service=${place.service}
        .number=${place.number}
      ></sky-deployment>`
    case "templates":
      return html`<sky-templates .organization=${place.organization}></sky-templates>`
    case "workers":
      return html`<sky-workers></sky-workers>`
    case "about":
      return html`<sky-about></sky-about>`
    case "demo":
      return html`<sky-demo></sky-demo>`
    case "home":
      return html`<sky-empty whole heading="No organization yet">
        <p>Services belong to an organization, and you are in none: ask whoever runs this platform to add you.</p>
      </sky-empty>`
    case "not-found":
      return nothingHere
  }
}

const nothingHere = html`<sky-empty whole heading="There is nothing here">
  <p>This address names no page. It may have been moved or deleted.</p>
  <a href="/">Go to the services</a>
</sky-empty>`

export const showPlace = (place: Place, session: Session): unknown => {
  const organization = organizationOf(place)
  if (organization !== null && !session.organizations.some(({ slug }) => slug === organization))
    return nothingHere
  if (loaded.has(place.view)) return element(place)
  const shown = load(place.view).then(
    () => {
      loaded.add(place.view)
      return element(place)
    },
    () => html`<sky-problem .problem=${notLoaded}></sky-problem>`,
  )
  return until(shown, html`<sky-skeleton .rows=${4} .height=${44}></sky-skeleton>`)
}

const tabTitle: Record<ServiceTab, string> = {
  overview: "",
  deployments: "Deployments · ",
  releases: "Releases · ",
  logs: "Logs · ",
  configuration: "Configuration · ",
  settings: "Settings · ",
}

export const titleOf = (place: Place): string => `${nameOf(place)} · SkyPanel`

const nameOf = (place: Place): string => {
  switch (place.view) {
    case "home":
    case "services":
      return "Services"
    case "new-service":
      return "New service"
    case "service":
      return `${tabTitle[place.tab]}${place.service}`
    case "deployment":
      return `Deployment #${place.number} · ${place.service}`
    case "templates":
      return "Templates"
    case "workers":
      return "Workers"
    case "about":
      return "About"
    case "demo":
      return "Elements"
    case "not-found":
      return "Not found"
  }
}
