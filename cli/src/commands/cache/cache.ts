import { Command } from "effect/cli"
import { keys } from "./keys.ts"
import { pin, pins, unpin } from "./pins.ts"
import { collect, verify } from "./runs.ts"
import { keep, plan, repair, status } from "./status.ts"

export const cache = Command.make("cache").pipe(
  Command.withDescription("Look after the artifact store and the binary cache; for administrators"),
  Command.withSubcommands([status, plan, collect, keep, pins, pin, unpin, verify, repair, keys]),
)
