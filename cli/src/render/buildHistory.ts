import type { BuildHistory, BuildRecord } from "@skypanel/contract/BuildRecord"
import { formatSize } from "@skypanel/contract/Resources"
import { describeSource } from "@skypanel/contract/Source"
import { shortDigest } from "@skypanel/contract/shortDigest"
import { paintState } from "./state.ts"
import { table } from "./table.ts"
import { formatAgo, formatDuration } from "./time.ts"
import type { View } from "./view.ts"

/** Without the time that it waited for a builder. */
const took = ({ phases }: BuildRecord): string =>
  formatDuration(phases.reduce((sum, { name, ms }) => (name === "waiting" ? sum : sum + ms), 0))

const size = (bytes: number | null): string => (bytes === null ? "—" : formatSize(bytes))

const whatOf = ({ failure, source, subject, unchanged }: BuildRecord): string => {
  if (failure !== null) return failure.title
  return `${unchanged ? "nothing changed: " : ""}${subject ?? describeSource(source)}`
}

/** What a build has learned, in lines below the table: it is what later ones are held to. */
const learnedLines = ({ deployment, learned }: BuildRecord): ReadonlyArray<string> =>
  learned.flatMap((each) =>
    each.learned
      ? [`Build ${deployment} learned the hash of ${each.subject} (${shortDigest(each.lock)}): ${each.hash}`]
      : [],
  )

export const buildHistoryList =
  (service: string) =>
  ({ builds, next }: BuildHistory, view: View): ReadonlyArray<string> => [
    ...(builds.length === 0
      ? [`There is no such build of ${service}${next === null ? "" : " among the newer ones"}.`]
      : table<BuildRecord>(
          [
            { title: "BUILD", cell: ({ deployment }) => String(deployment), align: "right" },
            {
              title: "STATE",
              cell: ({ state }) => state,
              paint: (text, { state }) => paintState(view.style)(text, state),
            },
            { title: "STARTED", cell: ({ queuedAt }) => formatAgo(queuedAt, view.now) },
            { title: "TOOK", cell: took, align: "right" },
            { title: "REVISION", cell: ({ revision }) => revision?.slice(0, 10) ?? "—" },
            { title: "AUTHOR", cell: ({ author }) => author ?? "—", spare: 2 },
            { title: "STARTED BY", cell: ({ startedBy, trigger }) => startedBy ?? trigger, spare: 1 },
            { title: "ADDED", cell: ({ addedBytes }) => size(addedBytes), align: "right" },
            { title: "KEPT BY IT", cell: ({ keptBytes }) => size(keptBytes), align: "right" },
            { title: "WHAT", cell: whatOf, shrink: true },
          ],
          builds,
          { width: view.width, head: view.style.dim },
        )),
    ...builds.flatMap(learnedLines),
    ...(next === null ? [] : [view.style.dim(`Earlier ones: skypanel builds ${service} --before ${next}`)]),
  ]
