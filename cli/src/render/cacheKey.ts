import type { CacheKey } from "@skypanel/contract/CacheKey"
import type { Style } from "./style.ts"
import { table } from "./table.ts"
import { formatAgo } from "./time.ts"
import type { View } from "./view.ts"

const paintState =
  (style: Style) =>
  (text: string, { state }: CacheKey): string => {
    if (state === "signs") return style.green(text)
    if (state === "lost") return style.red(text)
    return state === "overlaps" ? style.yellow(text) : style.dim(text)
  }

export const cacheKeyList = (keys: ReadonlyArray<CacheKey>, view: View): ReadonlyArray<string> =>
  table<CacheKey>(
    [
      { title: "NAME", cell: (key) => key.name },
      { title: "STATE", cell: (key) => key.state, paint: paintState(view.style) },
      { title: "MADE", cell: (key) => formatAgo(key.createdAt, view.now) },
      {
        title: "RETIRED",
        cell: (key) => (key.retiredAt === null ? "—" : formatAgo(key.retiredAt, view.now)),
        spare: 2,
      },
      {
        title: "TO SIGN",
        cell: (key) => (key.unsigned === 0 ? "—" : String(key.unsigned)),
        align: "right",
        spare: 1,
      },
      // Whole, whatever the terminal's width: it is to be copied.
      { title: "PUBLIC KEY", cell: (key) => key.publicKey, wraps: true },
    ],
    keys,
    { width: view.width, head: view.style.dim },
  )
