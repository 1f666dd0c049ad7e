import { Effect } from "effect"
import { Collector } from "../src/artifacts/collection/Collector.ts"
import { startArtifactServer } from "./artifactServer.ts"

/** A process of its own that collects: `SKYPANEL_FAILPOINT` names the instant at which it dies as by kill -9. */
const [databaseUrl = "", dataFolder = ""] = process.argv.slice(2)
const server = await startArtifactServer(databaseUrl, { dataFolder })
await server.runtime.runPromise(
  Effect.flatMap(Collector, (collector) => collector.finish("collection", "a process that dies")),
)
await server.close()
