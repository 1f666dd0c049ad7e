import { Command } from "effect/cli"
import { addWorker } from "./add.ts"
import { drain, undrain } from "./drain.ts"
import { audit, workerEvents } from "./events.ts"
import { history } from "./history.ts"
import { images } from "./images.ts"
import { installations, revoke } from "./installations.ts"
import { listWorkers, workersAlone } from "./list.ts"
import { moveServices } from "./moveServices.ts"
import { policy } from "./policy.ts"
import { readmit } from "./readmit.ts"
import { removeWorker } from "./remove.ts"
import { replaceWorker } from "./replace.ts"
import { setWorker } from "./set.ts"
import { showWorker } from "./show.ts"
import { upgrade } from "./upgrade.ts"
import { warm } from "./warm.ts"

export const workers = workersAlone.pipe(
  Command.withSubcommands([
    { group: "See", commands: [listWorkers, showWorker, images, workerEvents, history, audit] },
    { group: "Add", commands: [addWorker, installations, revoke, replaceWorker] },
    { group: "Look after", commands: [drain, undrain, moveServices, readmit, setWorker, removeWorker] },
    { group: "All of them", commands: [policy, warm, upgrade] },
  ]),
)
