import { InvalidInput, NotFound, Unavailable } from "@skypanel/contract/Errors"
import { parseGitUrl } from "@skypanel/contract/GitUrl"
import type { PreparedCredentialId, UserId } from "@skypanel/contract/Id"
import {
  credentialWaitMost,
  type PrepareCredential,
  type PreparedCredential,
} from "@skypanel/contract/PreparedCredential"
import { Effect, Option, Result } from "effect"
import type { Member } from "../auth/Auth.ts"
import { PlatformConfig } from "../config.ts"
import { newDeployKey } from "../domain/git/deployKey.ts"
import { newPreparedCredentialId } from "../domain/id.ts"
import { Sealing } from "../sealing/Sealing.ts"
import { Changes } from "../store/Changes.ts"
import {
  askBuilder,
  findPrepared,
  insertPrepared,
  keptMs,
  type PreparedRow,
  removePrepared,
  sealedForPrepared,
} from "../store/PreparedCredentials.ts"
import { asTenant } from "../store/Tenant.ts"
import { anyName, tokenOverSsh } from "./credentials.ts"

const wrong = (path: string, message: string, next: string) =>
  new InvalidInput({ message, next, issues: [{ path, message }] })

const gone = () =>
  new NotFound({
    message: "This credential is not there any more.",
    next: "It is kept for a day, and until a service takes it over: give it again.",
  })

const nobodyAnswered: PreparedCredential["failure"] = {
  code: "no-builder",
  title: "No builder has asked the host.",
  detail: "",
  next: "Try it again in a moment.",
}

const stateOf = (row: PreparedRow): PreparedCredential["state"] => {
  if (row.unanswered || row.failure !== null) return "refused"
  if (row.asked_id !== null) return "trying"
  return row.answered_at === null ? "untried" : "opens"
}

const failureOf = ({ unanswered, failure }: PreparedRow): PreparedCredential["failure"] => {
  if (unanswered) return nobodyAnswered
  if (failure === null) return null
  const { code, title, detail, next } = failure
  return { code, title, detail, next }
}

const view = (row: PreparedRow): PreparedCredential => ({
  id: row.id,
  url: row.url,
  kind: row.kind,
  origin: row.origin,
  username: row.username,
  publicKey: row.public_key,
  expiresAt: new Date(row.created_at.getTime() + keptMs).toISOString(),
  state: stateOf(row),
  failure: failureOf(row),
})

const read = (organization: Member, user: UserId, id: PreparedCredentialId) =>
  asTenant(organization.id, findPrepared(organization.id, user, id)).pipe(
    Effect.flatMap((row) => (row === null ? Effect.fail(gone()) : Effect.succeed(row))),
  )

const urlOf = (text: string) =>
  Effect.gen(function* () {
    const { allowPrivateGit: allowPrivate } = yield* PlatformConfig
    const url = parseGitUrl(text, { allowPrivate })
    if (Result.isFailure(url))
      return yield* wrong(
        "url",
        `This Git URL cannot be used: ${url.failure.reason}.`,
        "Give an https:// or ssh:// URL of a repository.",
      )
    return url.success
  })

/** Keeps a token, or makes a deploy key, for a repository that a service is about to be made from. */
export const prepareCredential = (organization: Member, user: UserId, given: PrepareCredential) =>
  Effect.gen(function* () {
    const sealing = yield* Sealing
    const url = yield* urlOf(given.url)
    const id = newPreparedCredentialId()
    const row = { id, organization_id: organization.id, user_id: user, url: url.href, origin: url.origin }
    const about = sealedForPrepared(organization.id, id)
    if (url.protocol === "ssh") {
      if (given.token !== undefined) return yield* tokenOverSsh()
      const { publicKey, privateKey } = newDeployKey(`skypanel-${organization.slug}`)
      const made = { ...row, kind: "deploy-key", username: null, publicKey } as const
      yield* asTenant(organization.id, insertPrepared(made, sealing.seal(privateKey, about)))
    } else {
      const { token, username = anyName } = given
      if (token === undefined)
        return yield* wrong("token", "A repository over https needs an access token.", "Give a token.")
      const made = { ...row, kind: "token", username, publicKey: null } as const
      yield* asTenant(organization.id, insertPrepared(made, sealing.seal(token, about)))
    }
    return view(yield* read(organization, user, id))
  })

/** As it is when nobody asks the host any more, or after so many seconds. */
export const awaitPrepared = (
  organization: Member,
  user: UserId,
  id: PreparedCredentialId,
  seconds: number,
) =>
  Effect.gen(function* () {
    const changes = yield* Changes
    const now = Effect.map(read(organization, user, id), view)
    const settled = changes.until(
      Effect.map(now, (credential) => (credential.state === "trying" ? null : credential)),
      ({ table, organization: its }) => table === "prepared_credential" && its === organization.id,
    )
    const wait = Math.min(Math.max(seconds, 0), credentialWaitMost)
    return (
      Option.getOrElse(yield* Effect.timeoutOption(settled, `${wait} seconds`), () => null) ?? (yield* now)
    )
  })

/** Has a builder ask the host; one question at a time. */
export const tryPrepared = (organization: Member, user: UserId, id: PreparedCredentialId) =>
  Effect.gen(function* () {
    const row = yield* read(organization, user, id)
    if (stateOf(row) === "trying") return view(row)
    if (!(yield* askBuilder(row)))
      return yield* new Unavailable({
        message: "No builder can ask the host now.",
        next: "Try it again in a moment.",
      })
    return view(yield* read(organization, user, id))
  })

export const discardPrepared = (organization: Member, user: UserId, id: PreparedCredentialId) =>
  Effect.flatMap(read(organization, user, id), (row) =>
    Effect.asVoid(asTenant(organization.id, removePrepared(row))),
  )
