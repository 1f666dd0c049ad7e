import {
  credentialWaitMost,
  PrepareCredential,
  type PreparedCredential,
  type ServiceCredential,
} from "@skypanel/contract/PreparedCredential"
import { Duration, Effect, Exit, Option } from "effect"
import { checked } from "./checked.ts"
import { BadInput, EndedOtherwise } from "./Failure.ts"
import { whileAway } from "./follow.ts"
import type { Place } from "./Platform.ts"
import { oneLine } from "./render/text.ts"
import { Screen } from "./Screen.ts"
import { readSecret } from "./secretInput.ts"
import { readText } from "./textInput.ts"

/** What a repository is fetched with that no service is made from yet, as it was typed. */
export interface CredentialFlags {
  readonly tokenFile: Option.Option<string>
  readonly username: Option.Option<string>
  readonly deployKey: boolean
}

const command = "skypanel deploy"
/** Between two questions whether the key is there by now. */
const lookAgain = Duration.seconds(5)

const tokenFile = {
  what: "The access token",
  path: "--token-file",
  maxBytes: 4096,
  next: "Give a file with the token in its first line, or - for standard input.",
}

const readToken = (file: string) =>
  file === "-"
    ? readSecret("Access token")
    : Effect.map(readText(file, tokenFile), (text) => text.split(/\r?\n/, 1)[0]!.trim())

/** What the flags ask for; null: the repository is public, or the service has its credential. Nothing was sent yet. */
export const credentialWish = Effect.fnUntraced(function* (url: string | null, flags: CredentialFlags) {
  const { tokenFile, username, deployKey } = flags
  const refuse = (message: string, next: string) => new BadInput({ message, next, issues: [] })
  if (Option.isNone(tokenFile) && !deployKey)
    return Option.isNone(username) ? null : yield* refuse("--username goes with --token-file.", "Add that.")
  if (url === null)
    return yield* refuse(
      "A token or deploy key is for a Git repository.",
      "Add --git URL; for a service that is there: skypanel source credential --help",
    )
  if (Option.isSome(tokenFile) && deployKey)
    return yield* refuse(
      "--token-file and --deploy-key cannot be used together.",
      "A token is for an https:// URL, a deploy key for an ssh:// one.",
    )
  if (Option.isNone(tokenFile))
    return yield* Effect.fromResult(checked(PrepareCredential, { url }, [], command))
  const token = yield* readToken(tokenFile.value)
  const request = { url, token, ...(Option.isSome(username) && { username: username.value }) }
  return yield* Effect.fromResult(checked(PrepareCredential, request, [], command))
})

const tried = ({ client, organization }: Place, credential: PreparedCredential["id"]) =>
  Effect.gen(function* () {
    const params = { organization, credential }
    let now = yield* whileAway(client.preparedCredentials.try({ params }))
    while (now.state === "trying")
      now = yield* whileAway(client.preparedCredentials.get({ params, query: { wait: credentialWaitMost } }))
    return now
  })

const notTaken = ({ failure }: PreparedCredential) =>
  new EndedOtherwise({
    message: failure?.title ?? "The host does not let the credential in.",
    next: `${failure?.next ?? ""} Nothing was made.`.trim(),
  })

/** Before somebody has added the key, hosts say that it is not taken, or that there is no such repository. */
const isAwaited = ({ kind, failure }: PreparedCredential) =>
  kind === "deploy-key" && /^(?:credential-refused|source-not-found)$/.test(failure?.code ?? "")

const opened = (place: Place, prepared: PreparedCredential, atMost: Duration.Duration) =>
  Effect.gen(function* () {
    const screen = yield* Screen
    if (prepared.publicKey !== null)
      yield* screen.note([
        oneLine(prepared.publicKey),
        "",
        `Add it to ${oneLine(prepared.url)} as a deploy key with read access only; this goes on when the host takes it.`,
      ])
    for (;;) {
      const now = yield* tried(place, prepared.id)
      if (now.state === "opens") return
      if (!isAwaited(now)) return yield* notTaken(now)
      yield* Effect.sleep(lookAgain)
    }
  }).pipe(
    Effect.timeoutOrElse({
      duration: atMost,
      orElse: () =>
        new EndedOtherwise({
          message: `The host did not take the credential within ${Duration.format(atMost)}.`,
          next: "Begin anew: nothing was made.",
        }),
    }),
  )

/**
 * Has the credential tried before anything is made with it. It is discarded when that does not come about, whatever the
 * reason, Ctrl-C among them.
 */
export const withCredential = <A, E, R>(
  place: Place,
  wish: PrepareCredential | null,
  atMost: Duration.Duration,
  use: (credential: ServiceCredential | null) => Effect.Effect<A, E, R>,
) =>
  Effect.gen(function* () {
    if (wish === null) return yield* use(null)
    const { client, organization } = place
    const prepared = yield* client.preparedCredentials.prepare({ params: { organization }, payload: wish })
    const discard = client.preparedCredentials.discard({ params: { organization, credential: prepared.id } })
    return yield* Effect.andThen(opened(place, prepared, atMost), use({ prepared: prepared.id })).pipe(
      Effect.onExit((exit) => (Exit.isSuccess(exit) ? Effect.void : Effect.ignore(discard))),
    )
  })
