import { execFile } from "node:child_process"
import { lookup } from "node:dns/promises"
import { promisify } from "node:util"
import { Effect, Schema } from "effect"

/** What we read of `ip -json route get` (ip-route(8)). */
const Routes = Schema.fromJsonString(
  Schema.Array(Schema.Struct({ prefsrc: Schema.optionalKey(Schema.String) })),
)

/** This machine's address on the way to a host; null where none leads there. */
export const ownAddressTowards = (host: string): Effect.Effect<string | null> =>
  Effect.tryPromise(async () => {
    const { address } = await lookup(host.replace(/^\[|\]$/g, ""))
    const { stdout } = await promisify(execFile)("ip", ["-json", "route", "get", address], { timeout: 5_000 })
    return stdout
  }).pipe(
    Effect.flatMap(Schema.decodeUnknownEffect(Routes)),
    Effect.map((routes) => routes[0]?.prefsrc ?? null),
    Effect.catch(() => Effect.succeed(null)),
  )
