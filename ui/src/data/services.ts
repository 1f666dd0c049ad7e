import type { Started } from "@skypanel/contract/api/shapes"
import type { LogLine } from "@skypanel/contract/Log"
import { Name } from "@skypanel/contract/Name"
import type { RetentionPlan } from "@skypanel/contract/Retention"
import { CreateService, type Service, UpdateService } from "@skypanel/contract/Service"
import { type Effect, Exit, Schema } from "effect"
import { checked } from "./checked.ts"
import { call, client } from "./client.ts"
import { issuesOf } from "./issues.ts"
import type { Issue } from "./problem.ts"
import { type Follower, subscribe } from "./subscription.ts"

export const readServices = (organization: string, signal?: AbortSignal): Promise<readonly Service[]> =>
  call(client.services.list({ params: { organization } }), signal)

export const readService = (organization: string, service: string, signal?: AbortSignal): Promise<Service> =>
  call(client.services.get({ params: { organization, service } }), signal)

/** What the contract has against a name, if anything. */
export const issuesInName = (name: string): readonly Issue[] => {
  const exit = Schema.decodeUnknownExit(Name)(name)
  return Exit.isSuccess(exit) ? [] : issuesOf(exit.cause).map((issue) => ({ ...issue, path: "name" }))
}

export const createService = async (organization: string, request: CreateService): Promise<Started> => {
  const payload = checked(CreateService, request)
  return call(client.services.create({ params: { organization }, payload }))
}

export const updateService = async (
  organization: string,
  service: string,
  request: UpdateService,
): Promise<Started> => {
  const payload = checked(UpdateService, request)
  return call(client.services.update({ params: { organization, service }, payload }))
}

/** For how long its new releases are looked after. */
export const watchReleases = (organization: string, service: string, seconds: number): Promise<Service> =>
  call(client.services.watch({ params: { organization, service }, payload: { seconds } }))

/** Removes the other values that a secret variable had. */
export const forgetSecret = (organization: string, service: string, secret: string): Promise<Service> =>
  call(client.services.forgetSecret({ params: { organization, service, secret } }))

type Order = (organization: string, service: string) => Promise<unknown>
const order =
  (
    send: (request: { params: { organization: string; service: string } }) => Effect.Effect<unknown, unknown>,
  ): Order =>
  (organization, service) =>
    call(send({ params: { organization, service } }))

export const stopService: Order = order(client.services.stop)
export const deleteService: Order = order(client.services.delete)

type StartingOrder = (organization: string, service: string) => Promise<Started>

export const startService: StartingOrder = (organization, service) =>
  call(client.services.start({ params: { organization, service } }))
export const restartService: StartingOrder = (organization, service) =>
  call(client.services.restart({ params: { organization, service } }))
/** Which releases would go if it kept so many; null: as many as there is room for. */
export const planRetention = (
  organization: string,
  service: string,
  releases: number | null,
): Promise<RetentionPlan> =>
  call(
    client.services.planRetention({
      params: { organization, service },
      query: releases === null ? {} : { releases },
    }),
  )

export const retainReleases = (
  organization: string,
  service: string,
  releases: number | null,
): Promise<Service> =>
  call(client.services.retain({ params: { organization, service }, payload: { releases } }))

export const redeployService: StartingOrder = (organization, service) =>
  call(client.services.redeploy({ params: { organization, service } }))

/** How many old lines a reader of runtime logs gets before the new ones. */
const oldLines = 1000

/** Runtime logs, the newest 1,000 first; after a lost connection nothing comes twice. */
export const followServiceLogs = (
  organization: string,
  service: string,
  follower: Follower<LogLine>,
): (() => void) => {
  const newest = new Map<string, number>()
  const unseen = (line: LogLine): boolean => {
    if (line.seq <= (newest.get(line.origin) ?? -1)) return false
    newest.set(line.origin, line.seq)
    return true
  }
  return subscribe(
    () => client.services.followLogs({ params: { organization, service }, query: { lines: oldLines } }),
    { ...follower, items: (lines) => follower.items(lines.filter(unseen)) },
  )
}
