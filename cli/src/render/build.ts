import type { QueuedBuild } from "@skypanel/contract/QueuedBuild"
import { table } from "./table.ts"
import { formatAgo } from "./time.ts"
import type { View } from "./view.ts"

const stateOf = ({ canceled, position, phase, builder }: QueuedBuild): string => {
  if (canceled) return "ending"
  return builder === null ? `waits${position === null ? "" : ` (${position})`}` : phase
}

export const buildList = (builds: ReadonlyArray<QueuedBuild>, view: View): ReadonlyArray<string> =>
  builds.length === 0
    ? ["Nothing is being built, and nothing waits."]
    : table<QueuedBuild>(
        [
          { title: "ORGANIZATION", cell: ({ organization }) => organization, spare: 1 },
          {
            title: "SERVICE",
            cell: ({ service, template }) =>
              service ??
              (template?.part === undefined
                ? `template ${template?.name}, version ${template?.version}`
                : `${template.part} of the stack ${template.name}, version ${template.version}`),
          },
          { title: "DEPLOYMENT", cell: ({ deployment }) => String(deployment ?? "—"), align: "right" },
          { title: "STATE", cell: stateOf, paint: (text) => view.style.yellow(text) },
          { title: "BUILDER", cell: ({ builder }) => builder ?? "—" },
          { title: "SINCE", cell: ({ startedAt, queuedAt }) => formatAgo(startedAt ?? queuedAt, view.now) },
          { title: "WHY", cell: ({ reason }) => reason ?? "", shrink: true },
        ],
        builds,
        { width: view.width, head: view.style.dim },
      )
