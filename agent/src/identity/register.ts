import { createHash } from "node:crypto"
import { readFile, rm } from "node:fs/promises"
import { hostname } from "node:os"
import { Registered, type Registration, registrationText } from "@skypanel/contract/WorkerIdentity"
import { Effect, Schema } from "effect"
import type { AgentSettings } from "../config.ts"
import { identityFiles, type WorkerIdentity } from "./IdentityFile.ts"
import { makeKeyPair, signText } from "./KeyPair.ts"

/** Why there is no identity yet. `final`: asking again with the same token is of no use. */
export class NotRegistered extends Schema.TaggedError<NotRegistered>()("NotRegistered", {
  reason: Schema.String,
  final: Schema.Boolean,
}) {}

const answerBytesMost = 16 * 1024
const deadlineMs = 15_000

const Refusal = Schema.fromJsonString(Schema.Struct({ message: Schema.String, next: Schema.String }))

export const tokenOf = (file: string | null) =>
  Effect.tryPromise({
    try: async () => (file === null ? "" : (await readFile(file, "utf8")).trim()),
    catch: () => new NotRegistered({ reason: `the token's file cannot be read: ${file}`, final: true }),
  }).pipe(
    Effect.filterOrFail(
      (token) => token !== "",
      () => new NotRegistered({ reason: "there is neither an identity nor a token", final: true }),
    ),
  )

export const hashToken = (token: string): string => createHash("sha256").update(token).digest("hex")

const post = (controlPlane: URL, registration: Registration) =>
  Effect.tryPromise({
    try: async (signal) => {
      const response = await fetch(new URL("/api/v1/registration", controlPlane), {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(registration),
        redirect: "error",
        signal: AbortSignal.any([signal, AbortSignal.timeout(deadlineMs)]),
      })
      return { status: response.status, text: (await response.text()).slice(0, answerBytesMost) }
    },
    catch: (error) =>
      new NotRegistered({
        reason: `the platform does not answer: ${(error as Error).message}`,
        final: false,
      }),
  })

const refused = (status: number, text: string) =>
  Schema.decodeUnknownEffect(Refusal)(text).pipe(
    Effect.match({
      onSuccess: ({ message, next }) => `${message} ${next}`,
      onFailure: () => `the platform answered ${status}`,
    }),
    // 4xx is about us, and stays so; 5xx is about the platform.
    Effect.flatMap((reason) => Effect.fail(new NotRegistered({ reason, final: status < 500 }))),
  )

const registeredOf = (text: string) =>
  Schema.decodeUnknownEffect(Schema.fromJsonString(Registered))(text).pipe(
    Effect.mapError(
      () => new NotRegistered({ reason: "the platform's answer is none that we know", final: false }),
    ),
  )

/**
 * Trades the token for an identity. The key is on the disk before it is sent, and stays the same until there is an
 * answer: one that was lost on the way is given again.
 */
export const register = (
  settings: Pick<
    AgentSettings,
    "controlPlane" | "tokenFile" | "platformKey" | "dataFolder" | "origin" | "name"
  >,
) =>
  Effect.gen(function* () {
    const files = identityFiles(settings.dataFolder)
    const token = yield* tokenOf(settings.tokenFile)
    const pair = (yield* files.applicant) ?? makeKeyPair()
    yield* files.apply(pair)
    const { publicKey } = pair
    const { status, text } = yield* post(settings.controlPlane, {
      token,
      publicKey,
      proof: signText(pair, registrationText({ token, publicKey })),
      hostName: settings.name ?? hostname(),
      origin: settings.origin,
    })
    if (status !== 201) return yield* refused(status, text)
    const { workerId, keyId, name, platformKey } = yield* registeredOf(text)
    if (settings.platformKey !== null && settings.platformKey !== platformKey)
      return yield* new NotRegistered({
        reason: "what answered is not the platform that made the installation: its key is another",
        final: true,
      })
    const identity: WorkerIdentity = {
      workerId,
      keyId,
      name,
      platformKey,
      ...pair,
      tokenHash: hashToken(token),
    }
    yield* files.keep(identity)
    if (settings.tokenFile !== null)
      yield* Effect.promise(() => rm(settings.tokenFile!, { force: true }).catch(() => undefined))
    return identity
  })
