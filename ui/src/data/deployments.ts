import type { Started } from "@skypanel/contract/api/shapes"
import type { BuildHistory, BuildState } from "@skypanel/contract/BuildRecord"
import type { Deployment } from "@skypanel/contract/Deployment"
import { isFinished } from "@skypanel/contract/Deployment"
import type { LogLine } from "@skypanel/contract/Log"
import type { Release } from "@skypanel/contract/Release"
import { call, client } from "./client.ts"
import { type Follower, subscribe } from "./subscription.ts"

export const readDeployments = (
  organization: string,
  service: string,
  signal?: AbortSignal,
): Promise<readonly Deployment[]> =>
  call(client.deployments.list({ params: { organization, service } }), signal)

export const readDeployment = (
  organization: string,
  service: string,
  number: number,
  signal?: AbortSignal,
): Promise<Deployment> => call(client.deployments.get({ params: { organization, service, number } }), signal)

export const cancelDeployment = (
  organization: string,
  service: string,
  number: number,
): Promise<Deployment> => call(client.deployments.cancel({ params: { organization, service, number } }))

export const readReleases = (
  organization: string,
  service: string,
  signal?: AbortSignal,
): Promise<readonly Release[]> =>
  call(client.deployments.releases({ params: { organization, service } }), signal)

export const readBuildHistory = (
  organization: string,
  service: string,
  state: BuildState | null,
  before: number | null,
  signal?: AbortSignal,
): Promise<BuildHistory> =>
  call(
    client.deployments.builds({
      params: { organization, service },
      query: { ...(state === null ? {} : { state }), ...(before === null ? {} : { before }) },
    }),
    signal,
  )

/** Where the platform has all of a build's log as one text. */
export const buildLogPath = (organization: string, service: string, number: number): string =>
  `/api/v1/organizations/${encodeURIComponent(organization)}/services/${encodeURIComponent(service)}/deployments/${number}/log.txt`

export const rollBack = (organization: string, service: string, number: number): Promise<Started> =>
  call(client.deployments.rollback({ params: { organization, service, number } }))

/** The build log from its first line to its end, over as many connections as that takes. */
export const followBuildLog = (
  organization: string,
  service: string,
  number: number,
  follower: Follower<LogLine>,
): (() => void) => {
  let last: number | null = null
  return subscribe(
    () =>
      client.deployments.followLog({
        params: { organization, service, number },
        query: last === null ? {} : { after: last },
      }),
    {
      ...follower,
      items: (lines) => {
        const fresh = lines.filter((line) => last === null || line.seq > last)
        last = fresh.at(-1)?.seq ?? last
        if (fresh.length > 0) follower.items(fresh)
      },
      // The stream also ends when the platform goes away; only a finished step means that no line is missing.
      again: async () => !(await isBuildOver(organization, service, number)),
    },
  )
}

const isBuildOver = async (organization: string, service: string, number: number): Promise<boolean> => {
  try {
    const deployment = await readDeployment(organization, service, number)
    const building = deployment.steps.find((step) => step.name === "building")
    return isFinished(deployment.status) || building === undefined || building.finishedAt !== null
  } catch {
    return false
  }
}
