/**
 * What a bundle says of itself in its first line, as JSON in a comment: the platform writes it, the launcher reads it.
 * What it may do on Deno travels with the version that needs it.
 */
export interface BundleHeader {
  readonly version: string
  /** Arguments of `deno run`; `<data>` and `<docker>` stand for the data folder and the engine's socket. */
  readonly deno: { readonly services: ReadonlyArray<string>; readonly builder: ReadonlyArray<string> }
}

/** Bytes of a bundle that hold its first line. */
export const headerBytesMost = 8 * 1024

const isTexts = (value: unknown): value is ReadonlyArray<string> =>
  Array.isArray(value) && value.every((each) => typeof each === "string")

/** Null when there is none. */
export const headerOf = (bundle: string): BundleHeader | null => {
  const line = /^\/\/ (\{.*\})\n/.exec(bundle)?.[1]
  try {
    const { version, deno } = JSON.parse(line ?? "{}")
    return typeof version === "string" && isTexts(deno?.services) && isTexts(deno?.builder)
      ? { version, deno }
      : null
  } catch {
    return null
  }
}

/** How people and the platform call a version: the package's, and the beginning of the bundle's hash. */
export const versionName = (version: string, sha256: string): string => `${version}+${sha256.slice(0, 8)}`
