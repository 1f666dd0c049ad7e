import type { Session } from "@skypanel/contract/Session"
import { html, type TemplateResult } from "lit"
import { until } from "lit/directives/until.js"
import { organizationOf, type Place, type ServiceTab, type WorkerTab } from "../domain/paths.ts"
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
  stacks: () => import("../views/sky-stacks.ts"),
  "new-stack": () => import("../views/sky-new-stack.ts"),
  "manage-stacks": () => import("../views/sky-manage-stacks.ts"),
  stack: () => import("../views/sky-stack.ts"),
  templates: () => import("../views/sky-templates.ts"),
  "manage-templates": () => import("../views/sky-manage-templates.ts"),
  builds: () => import("../views/sky-builds.ts"),
  registries: () => import("../views/sky-registries.ts"),
  "all-builds": () => import("../views/sky-builds.ts"),
  workers: () => import("../views/sky-workers.ts"),
  "new-worker": () => import("../views/sky-new-worker.ts"),
  worker: () => import("../views/sky-worker.ts"),
  "fleet-policy": () => import("../views/sky-fleet-policy.ts"),
  "fleet-audit": () => import("../views/sky-fleet-audit.ts"),
  artifacts: () => import("../views/sky-artifacts.ts"),
  notifications: () => import("../views/sky-notifications.ts"),
  about: () => import("../views/sky-about.ts"),
  demo: () => import("../views/sky-demo.ts"),
  "not-found": () => Promise.resolve(),
}

export const ofWorkers: readonly Place["view"][] = [
  "workers",
  "new-worker",
  "worker",
  "fleet-policy",
  "fleet-audit",
]

/** Everybody else is answered 403 there. */
const administrative: readonly Place["view"][] = [...ofWorkers, "artifacts", "all-builds"]

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
    case "stacks":
      return html`<sky-stacks .organization=${place.organization}></sky-stacks>`
    case "new-stack":
      return html`<sky-new-stack .organization=${place.organization}></sky-new-stack>`
    case "manage-stacks":
      return html`<sky-manage-stacks .organization=${place.organization}></sky-manage-stacks>`
    case "stack":
      return html`<sky-stack .organization=${place.organization} .name=${place.stack}></sky-stack>`
    case "templates":
      return html`<sky-templates .organization=${place.organization}></sky-templates>`
    case "manage-templates":
      return html`<sky-manage-templates .organization=${place.organization}></sky-manage-templates>`
    case "builds":
      return html`<sky-builds .organization=${place.organization}></sky-builds>`
    case "registries":
      return html`<sky-registries .organization=${place.organization}></sky-registries>`
    case "all-builds":
      return html`<sky-builds .organization=${null}></sky-builds>`
    case "workers":
      return html`<sky-workers></sky-workers>`
    case "new-worker":
      return html`<sky-new-worker></sky-new-worker>`
    case "worker":
      return html`<sky-worker .name=${place.worker} .tab=${place.tab}></sky-worker>`
    case "fleet-policy":
      return html`<sky-fleet-policy></sky-fleet-policy>`
    case "fleet-audit":
      return html`<sky-fleet-audit></sky-fleet-audit>`
    case "artifacts":
      return html`<sky-artifacts></sky-artifacts>`
    case "notifications":
      return html`<sky-notifications></sky-notifications>`
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

const notForYou = html`<sky-empty whole heading="For administrators only">
  <p>This is for those who run the platform. Your services run on it all the same.</p>
  <a href="/">Go to the services</a>
</sky-empty>`

export const showPlace = (place: Place, session: Session): unknown => {
  const organization = organizationOf(place)
  if (organization !== null && !session.organizations.some(({ slug }) => slug === organization))
    return nothingHere
  if (administrative.includes(place.view) && !session.user.administrator) return notForYou
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

const tabTitle: Record<ServiceTab | WorkerTab, string> = {
  overview: "",
  events: "Events · ",
  deployments: "Deployments · ",
  builds: "Builds · ",
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
    case "stacks":
      return "Stacks"
    case "new-stack":
      return "New stack"
    case "manage-stacks":
      return "Manage the library"
    case "stack":
      return `${place.stack} · Stacks`
    case "templates":
      return "Templates"
    case "manage-templates":
      return "Manage templates"
    case "builds":
    case "all-builds":
      return "Builds"
    case "registries":
      return "Registries"
    case "workers":
      return "Workers"
    case "new-worker":
      return "Add worker"
    case "worker":
      return `${tabTitle[place.tab]}${place.worker}`
    case "fleet-policy":
      return "Fleet policy"
    case "fleet-audit":
      return "Audit"
    case "artifacts":
      return "Artifacts"
    case "notifications":
      return "Notifications"
    case "about":
      return "About"
    case "demo":
      return "Elements"
    case "not-found":
      return "Not found"
  }
}
