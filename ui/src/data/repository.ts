import {
  ChangeHook,
  type ChangePoll,
  GiveToken,
  type HookDelivery,
  type MadeHook,
  type Repository,
} from "@skypanel/contract/Repository"
import { checked } from "./checked.ts"
import { call, client } from "./client.ts"

export interface OfService {
  readonly organization: string
  readonly service: string
}

export const readRepository = (params: OfService, signal?: AbortSignal): Promise<Repository> =>
  call(client.repository.get({ params }), signal)

export const readDeliveries = (params: OfService, signal?: AbortSignal): Promise<readonly HookDelivery[]> =>
  call(client.repository.deliveries({ params }), signal)

export const giveToken = async (params: OfService, given: GiveToken): Promise<Repository> => {
  const payload = checked(GiveToken, given)
  return call(client.repository.giveToken({ params, payload }))
}

export const makeDeployKey = (params: OfService): Promise<Repository> =>
  call(client.repository.makeDeployKey({ params }))

export const removeCredential = (params: OfService): Promise<Repository> =>
  call(client.repository.removeCredential({ params }))

export const forgetHostKeys = (params: OfService): Promise<Repository> =>
  call(client.repository.forgetHostKeys({ params }))

export const makeHook = (params: OfService): Promise<MadeHook> => call(client.repository.makeHook({ params }))

export const changeHook = async (params: OfService, change: ChangeHook): Promise<Repository> => {
  const payload = checked(ChangeHook, change)
  return call(client.repository.changeHook({ params, payload }))
}

export const changePoll = (params: OfService, payload: ChangePoll): Promise<Repository> =>
  call(client.repository.changePoll({ params, payload }))

export const removeHook = (params: OfService): Promise<Repository> =>
  call(client.repository.removeHook({ params }))
