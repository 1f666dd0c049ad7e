import { Api } from "@skypanel/contract/Api"
import { type Deployment, isFinished } from "@skypanel/contract/Deployment"
import type { Service } from "@skypanel/contract/Service"
import { Effect } from "effect"
import { FetchHttpClient, HttpClient, HttpClientRequest } from "effect/http"
import { HttpApiClient } from "effect/http-api"
import { makeRepository, type TestRepository } from "../test/lab/repository.ts"
import { applicationFiles, type Changed, type Place } from "./application.ts"
import type { Development } from "./development.ts"
import { until } from "./processes.ts"

/** One service on SkyPanel whose source is a Git repository on this machine, as the usual way has its folder. */
export interface Ours {
  readonly place: Place
  /** Commits a change; not a part of what is measured, as saving a file is not. */
  readonly write: (mark: string, changed?: Changed) => Promise<void>
  /** The same with files of another application. */
  readonly commit: (files: Readonly<Record<string, string>>) => Promise<void>
  readonly create: () => Promise<Deployment>
  readonly redeploy: () => Promise<Deployment>
  readonly setEnvironment: (environment: Readonly<Record<string, string>>) => Promise<Deployment>
  readonly stop: () => Promise<void>
  readonly start: () => Promise<Deployment>
  readonly restart: () => Promise<Deployment>
  /** The deployment when it is live; fails, with what went wrong, when it ends otherwise. */
  readonly live: (deployment: Deployment) => Promise<Deployment>
  /** Throws what went wrong when the deployment has failed. */
  readonly mustNotFail: (deployment: Deployment) => Promise<void>
  readonly remove: () => Promise<void>
  readonly close: () => Promise<void>
}

const typedClient = (development: Development) =>
  Effect.runPromise(
    HttpApiClient.make(Api, {
      baseUrl: development.url,
      transformClient: HttpClient.mapRequest(HttpClientRequest.bearerToken(development.token)),
    }).pipe(Effect.provide(FetchHttpClient.layer)),
  )

const placeOf = (service: Service): Place => {
  // What is measured has a port, and so a URL.
  const url = new URL(service.url!)
  return { address: "127.0.0.1", port: Number(url.port || 80), host: url.host }
}

const mustBeWell = ({ number, status, failure }: Deployment) => {
  if (isFinished(status) && status !== "live")
    throw new Error(`deployment ${number} ${status}: ${JSON.stringify(failure, null, 2)}`)
}

export const startOurs = async (development: Development, name: string): Promise<Ours> => {
  const client = await typedClient(development)
  const session = await Effect.runPromise(client.session.get())
  const organization = session.organizations[0]!.slug
  const params = { organization, service: name }
  const repository: TestRepository = await makeRepository()
  let place: Place | null = null

  const started = async (request: Effect.Effect<{ service: Service; deployment: Deployment }, unknown>) => {
    const { service, deployment } = await Effect.runPromise(request)
    place = placeOf(service)
    return deployment
  }

  const read = (number: number) =>
    Effect.runPromise(client.deployments.get({ params: { ...params, number } }))

  return {
    get place() {
      if (place === null) throw new Error("nothing was deployed yet")
      return place
    },
    write: async (mark, changed) => void (await repository.commit(applicationFiles(mark, changed))),
    commit: async (files) => void (await repository.commit(files)),
    create: () =>
      started(
        client.services.create({
          params: { organization },
          payload: {
            name,
            source: { _tag: "git", url: repository.url, ref: null },
            resources: { cpu: 2, memoryBytes: 256 * 2 ** 20, storageBytes: 64 * 2 ** 20 },
            port: 3000,
            healthPath: "/health",
          },
        }),
      ),
    redeploy: () => started(client.services.redeploy({ params })),
    setEnvironment: (environment) => started(client.services.update({ params, payload: { environment } })),
    stop: async () => void (await Effect.runPromise(client.services.stop({ params }))),
    start: () => started(client.services.start({ params })),
    restart: () => started(client.services.restart({ params })),
    mustNotFail: async ({ number }) => mustBeWell(await read(number)),
    live: async ({ number }) => {
      let last = await read(number)
      await until(
        `deployment ${number} of ${name}`,
        performance.now(),
        async () => {
          last = await read(number)
          return isFinished(last.status)
        },
        { every: 20, seconds: 600 },
      )
      mustBeWell(last)
      return last
    },
    remove: async () => {
      await Effect.runPromise(client.services.delete({ params }))
      const gone = () =>
        Effect.runPromise(
          client.services.get({ params }).pipe(
            Effect.as(false),
            Effect.catchTag("NotFound", () => Effect.succeed(true)),
          ),
        )
      await until(`${name} to be gone`, performance.now(), gone, { every: 50 })
    },
    close: async () => {
      await Effect.runPromise(client.services.delete({ params }).pipe(Effect.ignore))
      await repository.close()
    },
  }
}
