// The volumes of an agent as a process of their own, for a test to kill: `volumesProgram.ts <data folder> <socket>`.
import { NodeRuntime } from "@effect/platform-node"
import { Effect, Layer, Logger, Stream } from "effect"
import { AgentConfig } from "../src/config.ts"
import { DesiredState } from "../src/desired/DesiredState.ts"
import { ContainerEngine } from "../src/engine/ContainerEngine.ts"
import { Volumes } from "../src/volumes/Volumes.ts"
import { settings } from "./edge.ts"

const [dataFolder = "", dockerSocket = ""] = process.argv.slice(2)

const engine = Layer.succeed(ContainerEngine, {
  listed: Effect.succeed([]),
  container: () => Effect.succeed(null),
  stop: () => Effect.void,
  events: Stream.never,
  lastLines: () => Effect.succeed([]),
  output: () => Stream.never,
})

process.stdout.write("begins\n")
NodeRuntime.runMain(
  Layer.launch(
    Volumes.layer.pipe(
      Layer.provide(Layer.merge(DesiredState.layer, engine)),
      Layer.provide(Layer.succeed(AgentConfig, settings({ dataFolder, dockerSocket }))),
      Layer.provide(Logger.layer([])),
    ),
  ),
)
