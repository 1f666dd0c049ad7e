import { randomBytes } from "node:crypto"
import { NodeRuntime, NodeServices } from "@effect/platform-node"
import { PgClient } from "@effect/sql-pg"
import { Config, Console, Effect, Layer } from "effect"
import { Migrations } from "./store/Migrations.ts"
import { registerWorker } from "./store/Workers.ts"

/**
 * `node register-development-worker.ts NAME`: lets the worker of that name in, by writing to the database that
 * DATABASE_URL names. Prints the worker's new token, and nothing else, on standard output.
 */
const register = Effect.gen(function* () {
  const name = process.argv[2] ?? "embedded"
  const token = randomBytes(32).toString("base64url")
  yield* registerWorker(name, token, true)
  yield* Console.log(token)
})

const Store = Migrations.pipe(
  Layer.provideMerge(
    PgClient.layerConfig({ url: Config.Redacted("DATABASE_URL"), transformJson: Config.succeed(false) }),
  ),
  Layer.provideMerge(NodeServices.layer),
)

NodeRuntime.runMain(register.pipe(Effect.provide(Store)))
