import type { Installation } from "@skypanel/contract/Installation"
import { paintState } from "./state.ts"
import type { Style } from "./style.ts"
import { table } from "./table.ts"
import { oneLine } from "./text.ts"
import { formatUntil } from "./time.ts"
import type { View } from "./view.ts"

const isOpen = ({ state }: Installation): boolean => state === "open" || state === "fetched"

/** The worker that came of it, or the name that one will have. */
const workerOf = (installation: Installation): string =>
  installation.worker ?? installation.replaces ?? installation.name ?? "(its host name)"

export const installationList = (
  installations: ReadonlyArray<Installation>,
  view: View,
): ReadonlyArray<string> =>
  installations.length === 0
    ? ["No installations in the last day. Add a worker: skypanel workers add"]
    : table<Installation>(
        [
          { title: "ID", cell: (installation) => installation.id },
          {
            title: "STATE",
            cell: (installation) => installation.state,
            paint: (text, installation) => paintState(view.style)(text, installation.state),
          },
          {
            title: "WORKER",
            cell: (installation) =>
              `${workerOf(installation)}${installation.replaces === null ? "" : " (replaced)"}`,
          },
          { title: "ROLES", cell: (installation) => installation.roles.join(", "), spare: 1 },
          { title: "REGION", cell: (installation) => installation.region ?? "—", spare: 3 },
          { title: "ALLOWED FROM", cell: (installation) => installation.allowFrom ?? "anywhere", spare: 2 },
          {
            title: "EXPIRES",
            cell: (installation) =>
              isOpen(installation) ? formatUntil(installation.expiresAt, view.now) : "—",
          },
          { title: "BY", cell: (installation) => installation.createdBy, shrink: true },
        ],
        installations,
        { width: view.width, head: view.style.dim },
      )

/** A line when an installation has come to another state. */
export const installationChanges = (
  before: Installation | null,
  now: Installation,
  style: Style,
): ReadonlyArray<string> => {
  if (before?.state === now.state) return []
  switch (now.state) {
    case "open":
      return [`${style.yellow("…")} waiting for the machine`]
    case "fetched":
      return [`${style.yellow("…")} the machine has fetched the script and carries it out`]
    case "used":
      return [`${style.green("✓")} registered as ${oneLine(workerOf(now))}`]
    case "expired":
    case "revoked":
      return []
  }
}
