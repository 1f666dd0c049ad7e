import { Command } from "effect/cli"
import { keys } from "./keys.ts"

export const cache = Command.make("cache").pipe(
  Command.withDescription("Look after the binary cache; for administrators"),
  Command.withSubcommands([keys]),
)
