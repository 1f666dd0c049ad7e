import { buildsSource, type Deployment, stepNames } from "@skypanel/contract/Deployment"
import type { SecretValues } from "@skypanel/contract/Environment"
import type { LogLine } from "@skypanel/contract/Log"
import type { Release } from "@skypanel/contract/Release"
import { defaultResources } from "@skypanel/contract/Resources"
import type { CreateService, Service } from "@skypanel/contract/Service"
import { idOf, templates } from "./fixtures.ts"

export type Mutable<A> = { -readonly [K in keyof A]: A[K] }

/** What the fake platform keeps of one service. */
export interface Held {
  readonly service: Mutable<Service>
  readonly deployments: Array<Mutable<Deployment>>
  readonly releases: Array<Mutable<Release>>
  readonly buildLogs: Map<number, Array<LogLine>>
  readonly log: Array<LogLine>
}

export const instant = () => new Date().toISOString()

/** Half an hour more than so many, so that a test may take its time until they are told. */
export const hoursAgo = (hours: number) => new Date(Date.now() - (hours + 0.5) * 3_600_000).toISOString()

/** How long ago it was, in the words of what tells it at once: a machine may be busy for minutes. */
export const momentAgo = /(?:just now|[1-5]?\d s ago|[1-9] min ago)/.source

/** Values are nowhere in the fake either. */
export const secretsAfter = (before: Service["secrets"], values: SecretValues = {}): Service["secrets"] => [
  ...before.filter(({ name }) => !Object.hasOwn(values, name)),
  ...Object.entries(values).flatMap(([name, value]) => {
    const version = (before.find((one) => one.name === name)?.version ?? 0) + 1
    return value === null
      ? []
      : [{ name, version, setAt: instant(), setBy: "somebody@example.com", earlier: version - 1 }]
  }),
]

/** Without a port it answers nowhere. */
export const addressOf = ({ name, port }: Pick<Service, "name" | "port">) => ({
  url: port === null ? null : `http://${name}-acme.localhost:8000`,
  public: port !== null,
})

export const newService = (request: CreateService, count: number): Mutable<Service> => {
  const template = templates.find(
    (template) => request.source._tag === "template" && template.name === request.source.template,
  )
  const port = request.port === undefined ? (template?.port ?? 8080) : request.port
  return {
    id: idOf("svc", count) as Service["id"],
    organizationId: idOf("org", 1) as Service["organizationId"],
    name: request.name,
    state: "deploying",
    ...addressOf({ name: request.name, port }),
    source: request.source,
    environment: request.environment ?? {},
    secrets: secretsAfter([], request.secrets),
    resources: request.resources ?? template?.resources ?? defaultResources,
    port,
    healthPath: request.healthPath ?? template?.healthPath ?? null,
    replicas: request.replicas ?? 1,
    volume: request.volume ?? null,
    stack: null,
    watchSeconds: 300,
    keptReleases: null,
    hourlyPrice: 8300,
    release: null,
    deployment: null,
    instances: [],
    createdAt: instant(),
  }
}

export const newDeployment = (
  held: Held,
  trigger: Deployment["trigger"],
  release: number | null,
  count: number,
): Mutable<Deployment> => {
  const builds = buildsSource(trigger)
  return {
    id: idOf("dep", count) as Deployment["id"],
    serviceId: held.service.id,
    number: held.deployments.length + 1,
    trigger,
    status: "queued",
    steps: stepNames.map((name) => ({
      name,
      state:
        name === "queued"
          ? "running"
          : !builds && (name === "building" || name === "publishing")
            ? "skipped"
            : "pending",
      startedAt: name === "queued" ? instant() : null,
      finishedAt: null,
      expectedMs: null,
      detail: null,
    })),
    source: held.service.source,
    revision: null,
    recognisedAs: null,
    environment: held.service.environment,
    secrets: held.service.secrets,
    resources: held.service.resources,
    port: held.service.port,
    healthPath: held.service.healthPath,
    replicas: held.service.replicas,
    volume: held.service.volume,
    release,
    failure: null,
    returned: null,
    receipt: null,
    createdBy: "admin@skypanel.localhost",
    createdAt: instant(),
    finishedAt: null,
  }
}

export const newRelease = (held: Held, deployment: Deployment, count: number): Mutable<Release> => ({
  id: idOf("rel", count) as Release["id"],
  number: held.releases.length + 1,
  current: true,
  imageDigest: `sha256:${String(count).padStart(64, "a")}`,
  imageBytes: 40_000_000,
  imageGone: false,
  storePath: "/nix/store/00000000000000000000000000000000-hello",
  source: deployment.source,
  revision: null,
  environment: deployment.environment,
  secrets: deployment.secrets,
  resources: deployment.resources,
  port: deployment.port,
  healthPath: deployment.healthPath,
  replicas: deployment.replicas,
  volume: deployment.volume,
  secretsOfNow: [],
  createdAt: instant(),
})

/** Instance `slot` of a deployment that is live. */
export const newInstance = (deployment: Deployment, slot: number): Service["instances"][number] => ({
  containerId: `${slot}123456789abcdef`,
  worker: "dev",
  deployment: deployment.number,
  slot,
  state: "running",
  healthy: true,
  probe: "GET / answered 200 in 3 ms",
  exitCode: null,
  startedAt: instant(),
})
