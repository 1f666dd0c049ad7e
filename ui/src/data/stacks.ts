import {
  CreateStack,
  type RevealedSecret,
  type Stack,
  UpdateStack,
  type VolumesOfDeleted,
} from "@skypanel/contract/Stack"
import { checked } from "./checked.ts"
import { call, client } from "./client.ts"

export const readStacks = (organization: string, signal?: AbortSignal): Promise<readonly Stack[]> =>
  call(client.stacks.list({ params: { organization } }), signal)

export const readStack = (organization: string, stack: string, signal?: AbortSignal): Promise<Stack> =>
  call(client.stacks.get({ params: { organization, stack } }), signal)

export const createStack = async (organization: string, request: CreateStack): Promise<Stack> => {
  const payload = checked(CreateStack, request)
  return call(client.stacks.create({ params: { organization }, payload }))
}

export const updateStack = async (
  organization: string,
  stack: string,
  request: UpdateStack,
): Promise<Stack> => {
  const payload = checked(UpdateStack, request)
  return call(client.stacks.update({ params: { organization, stack }, payload }))
}

export const rollBackStack = (organization: string, stack: string, revision: number): Promise<Stack> =>
  call(client.stacks.rollBack({ params: { organization, stack }, payload: { revision } }))

export const deleteStack = (organization: string, stack: string, volumes: VolumesOfDeleted): Promise<Stack> =>
  call(client.stacks.delete({ params: { organization, stack }, query: { volumes } }))

export const revealSecret = (organization: string, stack: string, secret: string): Promise<RevealedSecret> =>
  call(client.stacks.reveal({ params: { organization, stack, secret } }))

export const rotateSecret = (organization: string, stack: string, secret: string): Promise<Stack> =>
  call(client.stacks.rotate({ params: { organization, stack, secret } }))
