import { Api } from "@skypanel/contract/Api"
import type { ArtifactRun } from "@skypanel/contract/Artifacts"
import type { PinRequest } from "@skypanel/contract/api/ArtifactsGroup"
import { NotPossibleNow, Unavailable } from "@skypanel/contract/Errors"
import { Effect } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { SqlClient } from "effect/sql"
import { Collector } from "../artifacts/collection/Collector.ts"
import { plan } from "../artifacts/collection/collect.ts"
import { listPins, pinPath, pinRelease, unpin } from "../artifacts/collection/pins.ts"
import { loadArtifactPolicy, saveArtifactPolicy } from "../artifacts/collection/policy.ts"
import { artifactStatus, listDamage } from "../artifacts/collection/status.ts"
import { repair } from "../artifacts/collection/verify.ts"
import type { StorageFailed } from "../artifacts/errors.ts"
import { audit } from "../store/Audit.ts"
import { orUnavailable } from "../store/Database.ts"
import { administrator } from "./administrator.ts"

const unreadable = (error: StorageFailed) =>
  Effect.andThen(
    Effect.logError("the artifact store", error),
    Effect.fail(
      new Unavailable({
        message: "The files of the artifact store cannot be read or written.",
        next: "Look at the platform's own log.",
      }),
    ),
  )

const nameOf = (target: PinRequest["target"]): string =>
  "storePath" in target
    ? target.storePath
    : `release ${target.release.number} of ${target.release.organization}/${target.release.service}`

const pin = ({ target, reason }: PinRequest, by: string) =>
  "storePath" in target ? pinPath(target.storePath, reason, by) : pinRelease(target.release, reason, by)

export const layerArtifacts = HttpApiBuilder.group(
  Api,
  "artifacts",
  Effect.fn(function* (handlers) {
    const collector = yield* Collector

    const start = (kind: ArtifactRun["kind"]) =>
      Effect.gen(function* () {
        const { email } = yield* administrator
        const run = yield* collector.start(kind, email)
        if (run === null)
          return yield* new NotPossibleNow({
            message: `A ${kind} goes on already.`,
            next: "Wait until it has ended.",
          })
        return run
      }).pipe(orUnavailable)

    return handlers.handleAll({
      get: () => Effect.andThen(administrator, artifactStatus).pipe(orUnavailable),
      setPolicy: ({ payload }) =>
        Effect.gen(function* () {
          const { email } = yield* administrator
          const sql = yield* SqlClient.SqlClient
          yield* sql.withTransaction(
            Effect.andThen(
              saveArtifactPolicy(payload, email),
              audit({
                actor: email,
                action: "artifacts.policy",
                text: "What the artifact store keeps was changed.",
                detail: payload,
              }),
            ),
          )
          return yield* artifactStatus
        }).pipe(orUnavailable),
      plan: () => Effect.andThen(administrator, Effect.flatMap(loadArtifactPolicy, plan)).pipe(orUnavailable),
      collect: () => start("collection"),
      verify: () => start("verification"),
      repair: () =>
        Effect.gen(function* () {
          const { email } = yield* administrator
          const damage = yield* listDamage
          const removed = yield* repair
          yield* audit({
            actor: email,
            action: "artifacts.repaired",
            text: `${removed} damaged files of the artifact store are to be uploaded again.`,
          })
          return { removed, damage }
        }).pipe(Effect.catchTag("StorageFailed", unreadable), orUnavailable),
      pin: ({ payload }) =>
        Effect.gen(function* () {
          const { email } = yield* administrator
          const sql = yield* SqlClient.SqlClient
          yield* sql.withTransaction(
            Effect.andThen(
              pin(payload, email),
              audit({
                actor: email,
                action: "artifacts.pinned",
                text: `${nameOf(payload.target)} is kept: ${payload.reason}`,
              }),
            ),
          )
          return yield* listPins
        }).pipe(orUnavailable),
      unpin: ({ params }) =>
        Effect.gen(function* () {
          const { email } = yield* administrator
          const sql = yield* SqlClient.SqlClient
          yield* sql.withTransaction(
            Effect.andThen(
              unpin(params.pin),
              audit({
                actor: email,
                action: "artifacts.unpinned",
                text: `The pin ${params.pin} was taken off.`,
              }),
            ),
          )
          return yield* listPins
        }).pipe(orUnavailable),
    })
  }),
)
