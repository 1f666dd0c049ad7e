import type { KnownHash } from "@skypanel/contract/LearnedHash"
import { call, client } from "./client.ts"
import type { OfService } from "./repository.ts"

export const readLearnedHashes = (params: OfService, signal?: AbortSignal): Promise<readonly KnownHash[]> =>
  call(client.learnedHashes.list({ params }), signal)

export const forgetLearnedHash = (params: OfService, lock: string): Promise<readonly KnownHash[]> =>
  call(client.learnedHashes.forget({ params: { ...params, lock } }))
