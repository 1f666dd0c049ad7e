import { join, resolve } from "node:path"
import { parseArgs } from "node:util"
import { NodeRuntime, NodeServices } from "@effect/platform-node"
import { Cause, Deferred, Effect, Exit } from "effect"
import { CannotStart, explain } from "./CannotStart.ts"
import { type Parts, startDevelopment } from "./development.ts"
import { checkout } from "./environments.ts"
import { killRunning } from "./program.ts"
import { say } from "./say.ts"
import { BadSettings, readSettings } from "./settings.ts"

const { values } = parseArgs({ options: { settings: { type: "string" } } })

const settings = Effect.try({
  try: () => {
    const file = resolve(values.settings ?? join(checkout, ".env"))
    const { settings, warnings } = readSettings(file, join(checkout, ".env.example"))
    for (const warning of warnings) say(warning)
    return settings
  },
  catch: (cause) =>
    cause instanceof BadSettings
      ? new CannotStart({ what: "Settings", why: cause.message })
      : new CannotStart({ what: "Settings", why: (cause as Error).message }),
})

const development = (parts: Parts) =>
  Effect.gen(function* () {
    const chosen = yield* settings
    yield* Effect.addFinalizer((exit) =>
      Effect.sync(() =>
        say(Exit.isSuccess(exit) || Cause.hasInterruptsOnly(exit.cause) ? "stopped" : "stopped, because:"),
      ),
    )
    const failed = yield* startDevelopment(chosen, parts)
    yield* Effect.addFinalizer(() => Effect.sync(() => say("stopping …")))
    const { port, adminEmail, adminPassword } = chosen
    say(
      `ready: http://localhost:${port}  ·  sign in as ${adminEmail} with ${adminPassword}  ·  Ctrl-C stops everything`,
    )
    yield* Deferred.await(failed)
  }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))

/** A terminal sends Ctrl-C to npm and to us, and npm passes it on: signals this close together are one. */
const ONE_KEYPRESS = 800

let asked = Number.POSITIVE_INFINITY
const hurry = () => {
  const first = asked === Number.POSITIVE_INFINITY
  if (first) asked = Date.now()
  if (first || Date.now() - asked < ONE_KEYPRESS) return
  say("killing what has not stopped yet")
  killRunning()
}
/** The whole of a development run: until a signal ends it, or something that cannot be mended. */
export const runDevelopment = (parts: Parts): void => {
  process.on("SIGINT", hurry).on("SIGTERM", hurry)
  process.on("SIGHUP", () => undefined) // a closed terminal: dev/all.mjs asks us to stop

  NodeRuntime.runMain(development(parts), {
    disableErrorReporting: true,
    teardown: (exit, onExit) => {
      const stopped = Exit.isSuccess(exit) || Cause.hasInterruptsOnly(exit.cause)
      if (!stopped) {
        const error = Cause.squash(exit.cause)
        process.stderr.write(
          `\n${error instanceof CannotStart ? explain(error) : Cause.pretty(exit.cause)}\n`,
        )
      }
      onExit(stopped ? 0 : 1)
    },
  })
}
