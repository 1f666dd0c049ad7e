import { Command } from "effect/cli"
import { credential } from "./credential.ts"
import { remote } from "./remote.ts"

export const git = Command.make("git").pipe(
  Command.withDescription("Deploy by `git push`: set a repository up for it"),
  Command.withSubcommands([remote, credential]),
)
