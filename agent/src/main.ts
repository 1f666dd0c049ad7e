import { mkdir } from "node:fs/promises"
import { NodeRuntime } from "@effect/platform-node"
import { Cause, Effect, Exit, Layer, Logger } from "effect"
import { Builder } from "./builder/Builder.ts"
import { AgentConfig } from "./config.ts"
import { DesiredState } from "./desired/DesiredState.ts"
import { Edge } from "./edge/Edge.ts"
import { layerFirewall } from "./firewall/Firewall.ts"
import { RuntimeLogs } from "./logs/RuntimeLogs.ts"
import { ContainerEngine } from "./observer/ContainerEngine.ts"
import { Observer } from "./observer/Observer.ts"
import { Report } from "./session/Report.ts"
import { layerSession } from "./session/Session.ts"

const layerServices = Layer.merge(Edge.layer, layerFirewall).pipe(Layer.provideMerge(Observer.layer))
const layerNoServices = Layer.merge(Edge.layerNone, Observer.layerNone)

/** The parts that this worker's roles call for. */
const layerRoles = Layer.unwrap(
  Effect.gen(function* () {
    const { dataFolder, roles } = yield* AgentConfig
    yield* Effect.promise(() => mkdir(dataFolder, { recursive: true }))
    return Layer.mergeAll(
      // Readers of logs wait for every worker: also one without services says that it has none.
      RuntimeLogs.layer.pipe(
        Layer.provideMerge(roles.includes("services") ? layerServices : layerNoServices),
      ),
      roles.includes("builder") ? Builder.layer : Builder.layerNone,
    )
  }),
)

const layerAgent = layerSession.pipe(
  Layer.provide(Report.layer),
  Layer.provide(layerRoles),
  Layer.provide(Layer.mergeAll(DesiredState.layer, ContainerEngine.layer)),
  Layer.provide(AgentConfig.layer),
  Layer.provide(Logger.layer([Logger.consolePretty({ colors: false })])),
)

NodeRuntime.runMain(Layer.launch(layerAgent), {
  // To be asked to stop is no failure.
  teardown: (exit, onExit) => onExit(Exit.isSuccess(exit) || Cause.hasInterruptsOnly(exit.cause) ? 0 : 1),
})
