import {
  type CreatedInstallation,
  CreateInstallation,
  type Installation,
} from "@skypanel/contract/Installation"
import { checked } from "./checked.ts"
import { call, client } from "./client.ts"

export const readInstallations = (signal?: AbortSignal): Promise<readonly Installation[]> =>
  call(client.installations.list(), signal)

export const readInstallation = (installation: string, signal?: AbortSignal): Promise<Installation> =>
  call(client.installations.get({ params: { installation } }), signal)

/** The answer is the only one that has the token. */
export const createInstallation = async (request: CreateInstallation): Promise<CreatedInstallation> =>
  call(client.installations.create({ payload: checked(CreateInstallation, request) }))

/** One that replaces the identity of a worker that is there already. */
export const replaceIdentity = (worker: string): Promise<CreatedInstallation> =>
  call(client.installations.replace({ params: { worker } }))

export const revokeInstallation = (installation: string): Promise<Installation> =>
  call(client.installations.revoke({ params: { installation } }))
