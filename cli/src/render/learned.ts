import type { KnownHash } from "@skypanel/contract/LearnedHash"
import { shortDigest } from "@skypanel/contract/shortDigest"
import { table } from "./table.ts"
import { formatAgo } from "./time.ts"
import type { View } from "./view.ts"

export const learnedList = (known: ReadonlyArray<KnownHash>, view: View): ReadonlyArray<string> =>
  known.length === 0
    ? ["No hash was learned: lock files had all of them, or nothing was built."]
    : table<KnownHash>(
        [
          { title: "OF", cell: ({ subject }) => subject },
          { title: "LOCK FILE", cell: ({ lock }) => shortDigest(lock) },
          { title: "HASH", cell: ({ hash }) => hash, shrink: true },
          { title: "BUILD", cell: ({ deployment }) => String(deployment ?? "—"), align: "right" },
          { title: "LEARNED", cell: ({ learnedAt }) => formatAgo(learnedAt, view.now) },
          { title: "USED", cell: ({ usedAt }) => formatAgo(usedAt, view.now) },
        ],
        known,
        { width: view.width, head: view.style.dim },
      )
