import { Schema } from "effect"
import type { OciConfig } from "./OciImage.ts"

/** What an image of blobs says of how it runs, as far as it is heard. Command, environment and folder are Docker's to read. */
export const ImageSettings = Schema.Struct({
  /** Numeric and nobody's of the machine; null: whoever has no rights. */
  user: Schema.NullOr(Schema.String),
  /** Folders that its containers write to: in memory, as nothing else is. */
  writable: Schema.Array(Schema.String),
})
export type ImageSettings = typeof ImageSettings.Type

/** Each is a mount of each container. */
export const writableMost = 16

const number = "[1-9][0-9]{0,8}"
const numericUser = new RegExp(`^${number}(?::${number})?$`)

/** Below are the machine's own users and groups; a builder's are those of what fetches sources, and of Nix's builds. */
const firstFree = 1000
const isBuilders = (id: number) => id >= 829_999 && id <= 830_032

/**
 * A name could be anybody's in the image's own list of users, also root's: only a number says who it is. It is the same
 * user outside, so that it must be none who owns something there.
 */
const userOf = (user: string): string | null =>
  numericUser.test(user) && user.split(":").every((id) => Number(id) >= firstFree && !isBuilders(Number(id)))
    ? user
    : null

/** Who has no rights: it owns nothing anywhere. */
export const nobody = { uid: 65_534, gid: 65_534 } as const

/** Who its containers run as; of a number alone the group is the same number. */
export const ownerOf = (settings: ImageSettings | null): { readonly uid: number; readonly gid: number } => {
  if (settings?.user == null) return nobody
  const [uid, gid = uid] = settings.user.split(":").map(Number)
  return { uid: uid!, gid: gid! }
}

const folder = /^(?:\/[A-Za-z0-9._+@-]+){1,20}$/
const systemFolder = /^\/(?:proc|sys|dev|etc|run\/secrets)(?:\/|$)|\/\.{1,2}(?:\/|$)/

/** Why its folders cannot be had, or null. */
export const volumesProblem = (volumes: ReadonlyArray<string>): string | null => {
  if (volumes.length > writableMost) return `it declares more than ${writableMost} volumes`
  const bad = volumes.find((each) => !folder.test(each.replace(/\/$/, "")) || systemFolder.test(each))
  return bad === undefined
    ? null
    : `its volume ${JSON.stringify(bad.slice(0, 200))} is no folder that can be mounted`
}

export const volumesOf = ({ config }: OciConfig): ReadonlyArray<string> => Object.keys(config?.Volumes ?? {})

/** What a release that was stored under an older rule may still say. */
export const settingsNow = (stored: ImageSettings): ImageSettings => ({
  ...stored,
  user: stored.user === null ? null : userOf(stored.user),
})

/** `/tmp` is there anyway. */
export const settingsOf = (image: OciConfig): ImageSettings => ({
  user: userOf(image.config?.User ?? ""),
  writable: [...new Set(volumesOf(image).map((each) => each.replace(/\/$/, "")))]
    .filter((each) => each !== "/tmp")
    .sort(),
})

/** More are not looked at. */
const exposedMost = 300

/** The lowest TCP port that it says it listens on; null when it says none. */
export const exposedPort = ({ config }: OciConfig): number | null => {
  let lowest: number | null = null
  for (const text of Object.keys(config?.ExposedPorts ?? {}).slice(0, exposedMost)) {
    const port = Number(/^(\d{1,5})(?:\/tcp)?$/.exec(text)?.[1] ?? 0)
    if (port >= 1 && port <= 65_535 && (lowest === null || port < lowest)) lowest = port
  }
  return lowest
}
