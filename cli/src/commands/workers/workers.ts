import { Command } from "effect/cli"
import { listWorkers, workersAlone } from "./list.ts"

export const workers = workersAlone.pipe(Command.withSubcommands([listWorkers]))
