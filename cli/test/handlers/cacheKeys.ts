import { Api } from "@skypanel/contract/Api"
import type { CacheKey } from "@skypanel/contract/CacheKey"
import { NotPossibleNow } from "@skypanel/contract/Errors"
import { Effect } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import type { FakeFleet } from "../FakeFleet.ts"

const newKey = (number: number): CacheKey => ({
  name: `skypanel-${number}`,
  publicKey: `skypanel-${number}:${Buffer.alloc(32, number).toString("base64")}`,
  state: "signs",
  createdAt: new Date().toISOString(),
  retiredAt: null,
  unsigned: 0,
})

export const cacheKeysHandlers = ({ allowed }: FakeFleet) => {
  let keys: ReadonlyArray<CacheKey> = [newKey(1)]
  return HttpApiBuilder.group(Api, "cacheKeys", (handlers) =>
    Effect.succeed(
      handlers.handleAll({
        list: () => Effect.map(allowed, () => keys),
        rotate: () =>
          Effect.map(allowed, () => {
            keys = [newKey(keys.length + 1), ...keys.map((key) => ({ ...key, state: "overlaps" as const }))]
            return keys
          }),
        retire: ({ params }) =>
          Effect.andThen(
            allowed,
            Effect.suspend(() => {
              if (keys[0]!.name === params.name)
                return new NotPossibleNow({
                  message: `${params.name} is the key that signs.`,
                  next: "Make another one first: skypanel cache keys rotate",
                })
              const retiredAt = new Date().toISOString()
              keys = keys.map((key) =>
                key.name === params.name ? { ...key, state: "retired" as const, retiredAt } : key,
              )
              return Effect.succeed(keys)
            }),
          ),
      }),
    ),
  )
}
