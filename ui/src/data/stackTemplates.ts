import type { StackTemplate } from "@skypanel/contract/Stack"
import {
  AddStackTemplate,
  type StackCheck,
  type StackDifference,
  type StackHistory,
  type StackStanding,
} from "@skypanel/contract/StackTemplate"
import type { VersionOrder } from "../domain/versionOrders.ts"
import { checked } from "./checked.ts"
import { call, client } from "./client.ts"
import type { OfTemplate } from "./templates.ts"

export const readStackTemplates = (
  organization: string,
  signal?: AbortSignal,
): Promise<readonly StackTemplate[]> => call(client.stackTemplates.list({ params: { organization } }), signal)

/** Those that one may change, with their drafts. */
export const readManagedStacks = (
  organization: string,
  signal?: AbortSignal,
): Promise<readonly StackHistory[]> =>
  call(client.stackTemplates.manage({ params: { organization } }), signal)

export const checkStack = async (
  organization: string,
  request: unknown,
  signal: AbortSignal,
): Promise<StackCheck> => {
  const payload = checked(AddStackTemplate, request)
  return call(client.stackTemplates.check({ params: { organization }, payload }), signal)
}

export const addStack = async (organization: string, request: unknown): Promise<StackHistory> => {
  const payload = checked(AddStackTemplate, request)
  return call(client.stackTemplates.add({ params: { organization }, payload }))
}

export const orderStackVersion = (
  of: OfTemplate,
  number: number,
  order: VersionOrder,
): Promise<StackHistory> => {
  const request = { params: { ...of, number } }
  switch (order) {
    case "validate":
      return call(client.stackTemplates.validate(request))
    case "publish":
      return call(client.stackTemplates.publish(request))
    case "withdraw":
      return call(client.stackTemplates.withdraw(request))
  }
}

export const removeStackTemplate = (of: OfTemplate): Promise<void> =>
  call(client.stackTemplates.remove({ params: of }))

export const compareStackVersions = (
  of: OfTemplate,
  before: number,
  after: number,
  signal?: AbortSignal,
): Promise<StackDifference> =>
  call(client.stackTemplates.compare({ params: { ...of, before, after } }), signal)

export const readStackStanding = (
  organization: string,
  stack: string,
  signal?: AbortSignal,
): Promise<StackStanding | null> =>
  call(client.stackTemplates.ofStack({ params: { organization, stack } }), signal)
