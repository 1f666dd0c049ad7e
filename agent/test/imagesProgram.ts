// What removes images, as a process of its own for a test to kill: `imagesProgram.ts <data folder> <socket> <keeping>`.
import { NodeRuntime } from "@effect/platform-node"
import { Effect, Layer, Logger } from "effect"
import { AgentConfig } from "../src/config.ts"
import { DesiredState, nothing } from "../src/desired/DesiredState.ts"
import { ImageEngine } from "../src/engine/ImageEngine.ts"
import { ImageRemoval } from "../src/images/ImageRemoval.ts"
import { settings } from "./edge.ts"

const [dataFolder = "", dockerSocket = "", keeping = "null"] = process.argv.slice(2)

const wanted = Layer.effectDiscard(
  Effect.flatMap(DesiredState, ({ accept }) => accept({ ...nothing, images: JSON.parse(keeping) })),
)

process.stdout.write("begins\n")
NodeRuntime.runMain(
  Layer.launch(
    Layer.merge(ImageRemoval.layer, wanted).pipe(
      Layer.provide(Layer.merge(DesiredState.layer, ImageEngine.layer)),
      Layer.provide(Layer.succeed(AgentConfig, settings({ dataFolder, dockerSocket }))),
      Layer.provide(Logger.layer([])),
    ),
  ),
)
