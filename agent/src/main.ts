import { mkdir } from "node:fs/promises"
import { NodeRuntime } from "@effect/platform-node"
import { Cause, Effect, Exit, Layer, Logger } from "effect"
import { Builder } from "./builder/Builder.ts"
import { AgentConfig } from "./config.ts"
import { DesiredState } from "./desired/DesiredState.ts"
import { Edge } from "./edge/Edge.ts"
import { ContainerEngine } from "./engine/ContainerEngine.ts"
import { SwarmEngine } from "./engine/SwarmEngine.ts"
import { layerFence } from "./fence/Fence.ts"
import { Firewall } from "./firewall/Firewall.ts"
import { Identity } from "./identity/Identity.ts"
import { RuntimeLogs } from "./logs/RuntimeLogs.ts"
import { Observer } from "./observer/Observer.ts"
import { PeerSecret } from "./peers/PeerSecret.ts"
import { Peers } from "./peers/Peers.ts"
import { PlatformContact } from "./session/PlatformContact.ts"
import { Report } from "./session/Report.ts"
import { layerSession } from "./session/Session.ts"
import { StatusFile } from "./session/StatusFile.ts"
import { Membership } from "./swarm/Membership.ts"

const layerServices = Firewall.layer.pipe(Layer.provideMerge(Observer.layer))
const layerNoServices = Layer.merge(Firewall.layerNone, Observer.layerNone)

/** The parts that this worker's roles call for. */
const layerRoles = Layer.unwrap(
  Effect.gen(function* () {
    const { dataFolder, roles } = yield* AgentConfig
    yield* Effect.promise(() => mkdir(dataFolder, { recursive: true }))
    const services = roles.includes("services")
    const proxy = services || roles.includes("ingress")
    return Layer.mergeAll(
      // Readers of logs wait for every worker: also one without services says that it has none.
      Layer.mergeAll(RuntimeLogs.layer, proxy ? Edge.layer : Edge.layerNone, layerFence).pipe(
        Layer.provideMerge(Peers.layer.pipe(Layer.provideMerge(PeerSecret.layer))),
        Layer.provideMerge(services ? layerServices : layerNoServices),
      ),
      roles.includes("builder") ? Builder.layer : Builder.layerNone,
    )
  }),
)

const layerEngine = Layer.merge(
  ContainerEngine.layer,
  Membership.layer.pipe(Layer.provide(SwarmEngine.layer)),
)

const layerAgent = layerSession().pipe(
  Layer.provide(Report.layer),
  Layer.provide(layerRoles),
  Layer.provide(
    Layer.mergeAll(DesiredState.layer, layerEngine, Identity.layer, PlatformContact.layer, StatusFile.layer),
  ),
  Layer.provide(AgentConfig.layer),
  Layer.provide(Logger.layer([Logger.consolePretty({ colors: false })])),
)

NodeRuntime.runMain(Layer.launch(layerAgent), {
  // To be asked to stop is no failure.
  teardown: (exit, onExit) => onExit(Exit.isSuccess(exit) || Cause.hasInterruptsOnly(exit.cause) ? 0 : 1),
})
