import { Config, Effect, FileSystem, Option, Path, Schema } from "effect"
import { PlatformUnreachable } from "./Failure.ts"

/** Where a platform answers and what it knows us by. */
export interface Connection {
  /** Origin, without a slash at the end. */
  readonly url: string
  readonly token: string
  /** The working directory's development platform that it is, null when the environment names it. */
  readonly development: string | null
}

/** Written by the development set-up when the platform is ready, beside `token`. */
const RunFile = Schema.fromJsonString(Schema.Struct({ url: Schema.String }))

const notFound = new PlatformUnreachable({
  message: "No SkyPanel platform is running here.",
  next: "Start one with `npm run dev:all`, or set SKYPANEL_URL and SKYPANEL_TOKEN to use another.",
})

const origin = (text: string, from: string) =>
  Effect.suspend(() => {
    const url = URL.canParse(text) ? new URL(text) : null
    if (url !== null && (url.protocol === "http:" || url.protocol === "https:"))
      return Effect.succeed(url.origin)
    return Effect.fail(
      new PlatformUnreachable({
        message: `${from} holds no http or https address.`,
        next: "Write it as in https://panel.example.com.",
      }),
    )
  })

/** The environment decides when it names a platform completely; half of a name is a mistake, not a wish. */
const fromEnvironment = Effect.gen(function* () {
  const url = yield* Config.option(Config.String("SKYPANEL_URL"))
  const token = yield* Config.option(Config.String("SKYPANEL_TOKEN"))
  const has = { url: Option.getOrElse(url, () => ""), token: Option.getOrElse(token, () => "").trim() }
  if (has.url === "" && has.token === "") return null
  if (has.url === "" || has.token === "")
    return yield* new PlatformUnreachable({
      message:
        has.url === ""
          ? "SKYPANEL_TOKEN is set without SKYPANEL_URL."
          : "SKYPANEL_URL is set without SKYPANEL_TOKEN.",
      next: "Set both, or neither to use the development platform of this directory.",
    })
  return { url: yield* origin(has.url, "SKYPANEL_URL"), token: has.token, development: null }
})

/** `directory` and all above it, nearest first. */
const withAncestors = (path: Path.Path, directory: string): ReadonlyArray<string> => {
  const parent = path.dirname(directory)
  return parent === directory ? [directory] : [directory, ...withAncestors(path, parent)]
}

/**
 * Files that another user put into a directory above (such as /tmp) would send our commands to that user's program:
 * only our own and root's are read.
 */
const isOurs = (uid: Option.Option<number>) => {
  const own = process.getuid?.()
  return (
    own === undefined || Option.match(uid, { onNone: () => true, onSome: (id) => id === own || id === 0 })
  )
}

const fromDirectory = Effect.fnUntraced(function* (directory: string) {
  const files = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const read = Effect.fnUntraced(function* (name: string) {
    const file = path.join(directory, ".skypanel", "run", name)
    const info = yield* files.stat(file)
    return isOurs(info.uid) ? yield* files.readFileString(file) : null
  })
  const texts = yield* Effect.all([read("cli.json"), read("token")]).pipe(
    Effect.catch(() => Effect.succeed(null)),
  )
  const [run, token] = texts ?? [null, null]
  if (run === null || token === null) return null
  const parsed = yield* Schema.decodeUnknownEffect(RunFile)(run).pipe(Effect.option)
  if (Option.isNone(parsed) || token.trim() === "") return null
  const url = yield* origin(parsed.value.url, path.join(directory, ".skypanel/run/cli.json"))
  return { url, token: token.trim(), development: directory }
})

/**
 * Finds the platform: the one that SKYPANEL_URL and SKYPANEL_TOKEN name, else the development platform of the working
 * directory or one above it, else that of the checkout that this program belongs to.
 */
export const findConnection = Effect.fnUntraced(function* (places: {
  readonly workingDirectory: string
  readonly checkout: string
}) {
  const named = yield* fromEnvironment.pipe(Effect.catchTag("ConfigError", () => Effect.succeed(null)))
  if (named !== null) return named satisfies Connection
  const path = yield* Path.Path
  for (const directory of [...withAncestors(path, places.workingDirectory), places.checkout]) {
    const found: Connection | null = yield* fromDirectory(directory)
    if (found !== null) return found
  }
  return yield* notFound
})
