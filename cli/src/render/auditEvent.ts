import type { AuditEvent } from "@skypanel/contract/AuditEvent"
import { table } from "./table.ts"
import { formatAgo } from "./time.ts"
import { paintTone } from "./tone.ts"
import type { View } from "./view.ts"

export const auditEventList = (events: ReadonlyArray<AuditEvent>, view: View): ReadonlyArray<string> =>
  events.length === 0
    ? ["Nothing is written down yet."]
    : table<AuditEvent>(
        [
          { title: "WHEN", cell: (event) => formatAgo(event.at, view.now) },
          { title: "WORKER", cell: (event) => event.worker ?? "—" },
          { title: "WHO", cell: (event) => event.actor },
          {
            title: "WHAT",
            cell: (event) => event.text,
            paint: (text, event) => paintTone(view.style)(text, event.tone),
          },
        ],
        events,
        { width: view.width, head: view.style.dim },
      )
