import { createHmac } from "node:crypto"
import type { AddressInfo } from "node:net"
import { Router } from "@koa/router"
import type { BuildAssignment, BuildObserved } from "@skypanel/contract/BuildAssignment"
import type { DeploymentFailure } from "@skypanel/contract/Deployment"
import type { Source } from "@skypanel/contract/Source"
import Koa from "koa"
import { until } from "../../test/lab/until.ts"
import { makeHook } from "../src/connections/hooks.ts"
import { createService } from "../src/deploy/requests/create.ts"
import { newOrganizationId } from "../src/domain/id.ts"
import { hookRoutes } from "../src/http/hooks.ts"
import { listDeployments } from "../src/store/DeploymentViews.ts"
import { findService } from "../src/store/ServiceViews.ts"
import { startScriptedFleet, succeeded } from "./scriptedFleet.ts"

export const user = "ada@example.com"
export const organization = { id: newOrganizationId(), slug: "acme", name: "Acme", role: "owner" } as const

/** One scripted builder whose builds wait until a test lets them end, and the platform's `/hooks/` on loopback. */
export const startRepositoryScene = async (databaseUrl: string) => {
  // The builds of a scene wait side by side, however many they are.
  const fleet = await startScriptedFleet(databaseUrl, { SKYPANEL_BUILDS_PER_ORGANIZATION: "100" })
  const builder = await fleet.addWorker({ buildSlots: 100, checkSlots: 4 })
  const { run } = fleet
  const stands = new Map<string, string>()
  const hostKeys = new Map<string, ReadonlyArray<string>>()
  const refusals = new Map<string, DeploymentFailure>()
  builder.script = {
    ...builder.script,
    builds: ({ builds }) =>
      builds.map(
        ({ id, serviceName, poll = false }): BuildObserved => ({
          ...succeeded(id),
          phase: !poll ? "fetching" : refusals.has(serviceName) ? "failed" : "succeeded",
          result: null,
          failure: poll ? (refusals.get(serviceName) ?? null) : null,
          revision: poll ? (stands.get(serviceName) ?? null) : null,
          hostKeys: hostKeys.get(serviceName) ?? [],
        }),
      ),
  }
  const router = new Router()
  await run(hookRoutes(router))
  const server = new Koa().use(router.routes()).listen(0, "127.0.0.1")
  await new Promise((resolve) => server.once("listening", resolve))
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

  const deployments = async (name: string) => {
    const service = (await run(findService(organization.id, name)))!
    return run(listDeployments(organization.id, service.id))
  }
  return {
    run,
    builder,
    told: fleet.told,
    addWorker: fleet.addWorker,
    origin,
    hostKeys,
    /** Why polls end without an answer, by service. */
    refusals,
    /** What polls are answered with, by service. */
    stands,
    deployments,
    createFrom: (name: string, source: Source) => run(createService(organization, user, { name, source })),
    create: (name: string, url: string, ref: string | null = "main") =>
      run(createService(organization, user, { name, source: { _tag: "git", url, ref } })),
    /** The newest build of the service that the builder was told of, when it is as it should be. */
    assigned: (name: string, isIt: (assignment: BuildAssignment) => boolean = () => true) =>
      until(`a build of ${name} to be assigned`, async () => {
        await builder.observe()
        const found = builder.desired?.builds.findLast(
          (build) => build.serviceName === name && !build.canceled,
        )
        return found !== undefined && isIt(found) ? found : null
      }),
    hook: async (name: string) => {
      const { repository, secret } = await run(makeHook(organization, user, name))
      return { path: new URL(repository.hook!.url).pathname, secret }
    },
    close: async () => {
      server.closeAllConnections()
      server.close()
      await fleet.stop()
    },
  }
}
export type RepositoryScene = Awaited<ReturnType<typeof startRepositoryScene>>

export const commitOf = (digit: number) => String(digit).repeat(40)

/** What GitHub sends of a push. */
export const pushOf = (digit: number, files: ReadonlyArray<string> = ["src/a"], branch = "main") => ({
  ref: `refs/heads/${branch}`,
  before: commitOf(9),
  after: commitOf(digit),
  commits: [{ author: { name: "Grace Hopper" }, added: [], modified: files, removed: [] }],
  head_commit: { author: { name: "Grace Hopper" } },
  repository: { default_branch: "main" },
})

export const sendPush = (
  url: string,
  secret: string,
  payload: object | string,
  headers: Record<string, string> = {},
  signal: AbortSignal | null = null,
) => {
  const body = typeof payload === "string" ? payload : JSON.stringify(payload)
  const signature = createHmac("sha256", secret).update(body).digest("hex")
  return fetch(url, {
    method: "POST",
    body,
    signal,
    headers: {
      "content-type": "application/json",
      "x-github-event": "push",
      "x-hub-signature-256": `sha256=${signature}`,
      ...headers,
    },
  })
}
