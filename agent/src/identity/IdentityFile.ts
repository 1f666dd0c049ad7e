import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { WorkerId, WorkerKeyId } from "@skypanel/contract/Id"
import { PublicKey } from "@skypanel/contract/WorkerIdentity"
import { Effect, Schema } from "effect"

/** Who this worker is to its platform. */
export const WorkerIdentity = Schema.Struct({
  workerId: WorkerId,
  keyId: WorkerKeyId,
  name: Schema.String,
  /** By which the platform proves itself. */
  platformKey: PublicKey,
  publicKey: PublicKey,
  privateKey: Schema.String,
  /** Of the token it was traded for, which may still lie there: it is of no use any more. */
  tokenHash: Schema.String,
})
export type WorkerIdentity = typeof WorkerIdentity.Type

/** A key that is being registered: an answer that was lost is asked for again with the same one. */
const Applicant = Schema.Struct({ publicKey: PublicKey, privateKey: Schema.String })
export type Applicant = typeof Applicant.Type

export class IdentityUnwritable extends Schema.TaggedError<IdentityUnwritable>()("IdentityUnwritable", {
  file: Schema.String,
  reason: Schema.String,
}) {}

const read = <A, I>(file: string, schema: Schema.Codec<A, I>): Effect.Effect<A | null> =>
  Effect.tryPromise(() => readFile(file, "utf8")).pipe(
    Effect.flatMap(Schema.decodeUnknownEffect(Schema.fromJsonString(schema))),
    Effect.catch(() => Effect.succeed(null)),
  )

/** It is whole on the disk before it counts: a worker that lost its key would be another one. */
const write = (file: string, content: object): Effect.Effect<void, IdentityUnwritable> =>
  Effect.tryPromise({
    try: async () => {
      await mkdir(join(file, ".."), { recursive: true })
      await writeFile(`${file}.new`, `${JSON.stringify(content)}\n`, { mode: 0o600, flush: true })
      await rename(`${file}.new`, file)
    },
    catch: (error) => new IdentityUnwritable({ file, reason: (error as Error).message }),
  })

const remove = (file: string) => Effect.promise(() => rm(file, { force: true }))

/** The files of a worker's identity in the agent's data folder; only root can read them. */
export const identityFiles = (dataFolder: string) => {
  const identity = join(dataFolder, "identity.json")
  const applicant = join(dataFolder, "applicant.json")
  return {
    /** Null when there is none that can be read. */
    identity: read(identity, WorkerIdentity),
    keep: (of: WorkerIdentity) => Effect.andThen(write(identity, of), remove(applicant)),
    /** It is of no use any more; the file stays beside for whoever looks into it. */
    giveUp: Effect.promise(() => rename(identity, `${identity}.refused`).catch(() => undefined)),
    applicant: read(applicant, Applicant),
    apply: (with_: Applicant) => write(applicant, with_),
  }
}
