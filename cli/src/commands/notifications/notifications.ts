import { Command } from "effect/cli"
import { followNew } from "./follow.ts"
import { notificationsAlone } from "./list.ts"
import { preferences } from "./preferences.ts"
import { read } from "./read.ts"
import { testEmail } from "./testEmail.ts"

export const notifications = notificationsAlone.pipe(
  Command.withSubcommands([read, followNew, preferences, testEmail]),
)
