import type { CacheKey } from "@skypanel/contract/CacheKey"
import { call, client } from "./client.ts"

type Keys = Promise<readonly CacheKey[]>

export const readCacheKeys = (signal?: AbortSignal): Keys => call(client.cacheKeys.list(), signal)

export const rotateCacheKeys = (): Keys => call(client.cacheKeys.rotate())

export const retireCacheKey = (name: string): Keys => call(client.cacheKeys.retire({ params: { name } }))
