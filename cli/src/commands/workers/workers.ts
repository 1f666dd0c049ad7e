import { Command } from "effect/cli"
import { audit, workerEvents } from "./events.ts"
import { history } from "./history.ts"
import { listWorkers, workersAlone } from "./list.ts"
import { showWorker } from "./show.ts"

export const workers = workersAlone.pipe(
  Command.withSubcommands([listWorkers, showWorker, workerEvents, history, audit]),
)
