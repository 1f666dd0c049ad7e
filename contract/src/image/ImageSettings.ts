import { Schema } from "effect"
import type { OciConfig } from "./OciImage.ts"

/** What an image of blobs says of how it runs, as far as it is heard. Command, environment and folder are Docker's to read. */
export const ImageSettings = Schema.Struct({
  /** Numeric and not 0; null: whoever has no rights. */
  user: Schema.NullOr(Schema.String),
  /** Folders that its containers write to: in memory, as nothing else is. */
  writable: Schema.Array(Schema.String),
})
export type ImageSettings = typeof ImageSettings.Type

/** Each is a mount of each container. */
export const writableMost = 16

const number = "[1-9][0-9]{0,8}"
const numericUser = new RegExp(`^${number}(?::${number})?$`)

/** A name could be anybody's in the image's own list of users, also root's: only a number says who it is. */
const userOf = (user: string): string | null => (numericUser.test(user) ? user : null)

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

/** `/tmp` is there anyway. */
export const settingsOf = (image: OciConfig): ImageSettings => ({
  user: userOf(image.config?.User ?? ""),
  writable: [...new Set(volumesOf(image).map((each) => each.replace(/\/$/, "")))]
    .filter((each) => each !== "/tmp")
    .sort(),
})

/** The lowest TCP port that it says it listens on; null when it says none. */
export const exposedPort = ({ config }: OciConfig): number | null => {
  const ports = Object.keys(config?.ExposedPorts ?? {}).flatMap((text) => {
    const port = Number(/^(\d{1,5})(?:\/tcp)?$/.exec(text)?.[1] ?? 0)
    return port >= 1 && port <= 65_535 ? [port] : []
  })
  return ports.length === 0 ? null : Math.min(...ports)
}
