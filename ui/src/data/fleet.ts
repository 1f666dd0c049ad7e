import type { AuditEvent } from "@skypanel/contract/AuditEvent"
import { type AgentUpgrade, type Fleet, FleetPolicy } from "@skypanel/contract/Fleet"
import { checked } from "./checked.ts"
import { call, client } from "./client.ts"

export const readFleet = (signal?: AbortSignal): Promise<Fleet> => call(client.fleet.get(), signal)

export const setFleetPolicy = async (policy: FleetPolicy): Promise<Fleet> =>
  call(client.fleet.setPolicy({ payload: checked(FleetPolicy, policy) }))

export const startUpgrade = (): Promise<AgentUpgrade> => call(client.fleet.upgrade())

export const stopUpgrade = (): Promise<AgentUpgrade> => call(client.fleet.stopUpgrade())

export const readAudit = (signal?: AbortSignal): Promise<readonly AuditEvent[]> =>
  call(client.fleet.audit(), signal)
