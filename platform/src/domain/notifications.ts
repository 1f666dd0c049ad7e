import { hideInvisible } from "@skypanel/contract/invisible"
import {
  type NotificationKind,
  type NotificationPreference,
  notificationKinds,
} from "@skypanel/contract/Notification"
import { cut, oneLine } from "./oneLine.ts"

/** What nobody should have to open the page for. */
const mailedByDefault: ReadonlySet<NotificationKind> = new Set([
  "worker-lost",
  "brake",
  "alert",
  "security",
  "upgrade",
  "capacity",
  "returned",
  "build",
])

/** What a person is told who has chosen nothing. */
export const defaultPreference = (kind: NotificationKind): NotificationPreference => ({
  kind,
  page: true,
  email: mailedByDefault.has(kind),
})

/** One of each kind, in the contract's order; what was chosen stands before the default. */
export const allPreferences = (
  chosen: ReadonlyArray<NotificationPreference>,
): ReadonlyArray<NotificationPreference> =>
  (Object.keys(notificationKinds) as ReadonlyArray<NotificationKind>).map(
    (kind) => chosen.find((preference) => preference.kind === kind) ?? defaultPreference(kind),
  )

const titleLength = 200
const bodyLength = 2_000

/** One line that may stand in a header of an e-mail. */
export const notificationTitle = (text: string): string => oneLine(text, titleLength)

/** Keeps its lines, and nothing else that cannot be seen. */
export const notificationBody = (text: string): string =>
  cut(
    text
      .split(/\r\n|\r|\n/)
      .map((line) => hideInvisible(line.replaceAll("\t", " "), " ").trimEnd())
      .join("\n")
      .trim(),
    bodyLength,
  )
