import { randomBytes } from "node:crypto"
import { NodeRuntime, NodeServices } from "@effect/platform-node"
import { PgClient } from "@effect/sql-pg"
import { Config, Console, Effect, Layer } from "effect"
import { insertInstallation } from "./store/Installations.ts"
import { Migrations } from "./store/Migrations.ts"
import { findWorker } from "./store/Workers.ts"

/**
 * `node register-development-worker.ts NAME [ROLES]`: lets the worker of that name in, by writing to the database that
 * DATABASE_URL names. Prints a token for it, and nothing else, on standard output. One that is known keeps its history.
 */
const register = Effect.gen(function* () {
  const [name = "embedded", roles = "services,builder,ingress"] = process.argv.slice(2)
  const token = randomBytes(32).toString("base64url")
  const known = yield* findWorker(name)
  yield* insertInstallation({
    token,
    name,
    roles: roles.split(",") as ReadonlyArray<"services" | "builder" | "ingress">,
    labels: {},
    region: null,
    runtime: "node",
    allowFrom: null,
    replaces: known === null || known.removed_at !== null ? null : known.id,
    development: true,
    createdBy: "npm run dev:all",
  })
  yield* Console.log(token)
})

const Store = Migrations.pipe(
  Layer.provideMerge(
    PgClient.layerConfig({ url: Config.Redacted("DATABASE_URL"), transformJson: Config.succeed(false) }),
  ),
  Layer.provideMerge(NodeServices.layer),
)

NodeRuntime.runMain(register.pipe(Effect.provide(Store)))
