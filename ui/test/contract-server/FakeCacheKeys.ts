import type { CacheKey } from "@skypanel/contract/CacheKey"
import { NotFound } from "@skypanel/contract/Errors"

const newKey = (number: number): CacheKey => ({
  name: `skypanel-${number}`,
  publicKey: `skypanel-${number}:${"A".repeat(42)}E=`,
  state: "signs",
  createdAt: new Date().toISOString(),
  retiredAt: null,
  unsigned: 0,
})

/** The keys of a binary cache that is not there. */
export class FakeCacheKeys {
  all: ReadonlyArray<CacheKey> = [newKey(1)]

  rotate(): ReadonlyArray<CacheKey> {
    this.all = [
      newKey(this.all.length + 1),
      ...this.all.map((key) => ({ ...key, state: "overlaps" as const })),
    ]
    return this.all
  }

  retire(name: string): ReadonlyArray<CacheKey> {
    if (!this.all.some((key) => key.name === name))
      throw new NotFound({ message: `There is no key "${name}".`, next: "Look at the list of keys." })
    this.all = this.all.map((key) =>
      key.name === name ? { ...key, state: "retired" as const, retiredAt: new Date().toISOString() } : key,
    )
    return this.all
  }
}
