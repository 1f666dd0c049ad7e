import { Api } from "@skypanel/contract/Api"
import { Unavailable } from "@skypanel/contract/Errors"
import { Effect } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { factsOfInstallation } from "../fleet/installationFacts.ts"
import {
  createInstallation,
  endInstallation,
  type Fresh,
  getInstallation,
  replaceWorker,
} from "../fleet/installations.ts"
import { noSuchWorker } from "../fleet/requests/lockedWorker.ts"
import { Installer } from "../install/Installer.ts"
import { orUnavailable } from "../store/Database.ts"
import { listInstallations } from "../store/Installations.ts"
import { findWorker } from "../store/Workers.ts"
import { administrator } from "./administrator.ts"

/** What is shown of it this once: the command, what the command runs, and the lines for NixOS. */
const created = ({ row, token }: Fresh) =>
  Effect.gen(function* () {
    const installer = yield* Installer
    const rendered = yield* installer.render(yield* factsOfInstallation(row, token)).pipe(
      Effect.catchTag("InstallError", (error) =>
        Effect.fail(
          new Unavailable({
            message: `The script cannot be made: ${error.message}`,
            next: "Look at the platform's own log.",
          }),
        ),
      ),
    )
    return { installation: yield* getInstallation(row.id).pipe(Effect.orDie), token, ...rendered }
  })

export const layerInstallations = HttpApiBuilder.group(
  Api,
  "installations",
  Effect.fn(function* (handlers) {
    return handlers.handleAll({
      list: () => Effect.andThen(administrator, listInstallations).pipe(orUnavailable),
      create: ({ payload }) =>
        Effect.gen(function* () {
          const { email } = yield* administrator
          return yield* created(yield* createInstallation(payload, email))
        }).pipe(orUnavailable),
      replace: ({ params }) =>
        Effect.gen(function* () {
          const { email } = yield* administrator
          const worker = yield* findWorker(params.worker)
          if (worker === null) return yield* noSuchWorker(params.worker)
          return yield* created(yield* replaceWorker(worker, email))
        }).pipe(orUnavailable),
      get: ({ params }) =>
        Effect.andThen(administrator, getInstallation(params.installation)).pipe(orUnavailable),
      revoke: ({ params }) =>
        Effect.gen(function* () {
          const { email } = yield* administrator
          return yield* endInstallation(params.installation, email)
        }).pipe(orUnavailable),
    })
  }),
)
