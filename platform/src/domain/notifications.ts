import {
  type NotificationKind,
  type NotificationPreference,
  notificationKinds,
} from "@skypanel/contract/Notification"

/** What nobody should have to open the page for. */
const mailedByDefault: ReadonlySet<NotificationKind> = new Set([
  "worker-lost",
  "brake",
  "alert",
  "security",
  "upgrade",
  "capacity",
  "returned",
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

/** Control characters, and those that make a text read in another order than it is written. */
const unprintable = /[\p{Cc}\u2028-\u202e\u2066-\u2069]+/gu

const cut = (text: string, length: number): string => {
  const characters = Array.from(text.toWellFormed())
  return characters.length <= length ? characters.join("") : `${characters.slice(0, length - 1).join("")}…`
}

/** One line that may stand in a header of an e-mail. */
export const notificationTitle = (text: string): string =>
  cut(text.replace(unprintable, " ").replace(/\s+/g, " ").trim(), titleLength)

/** Keeps its lines, and nothing else that cannot be seen. */
export const notificationBody = (text: string): string =>
  cut(
    text
      .split(/\r\n|\r|\n/)
      .map((line) => line.replace(unprintable, " ").trimEnd())
      .join("\n")
      .trim(),
    bodyLength,
  )
