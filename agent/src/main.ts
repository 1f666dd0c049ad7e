import { mkdir } from "node:fs/promises"
import { NodeRuntime } from "@effect/platform-node"
import { Cause, Effect, Exit, Layer, Logger } from "effect"
import { Builder } from "./builder/Builder.ts"
import { isRecogniser } from "./builder/Recogniser.ts"
import { AgentConfig } from "./config.ts"
import { DesiredState } from "./desired/DesiredState.ts"
import { Edge } from "./edge/Edge.ts"
import { ContainerEngine } from "./engine/ContainerEngine.ts"
import { ImageEngine } from "./engine/ImageEngine.ts"
import { SwarmEngine } from "./engine/SwarmEngine.ts"
import { layerFence } from "./fence/Fence.ts"
import { Firewall } from "./firewall/Firewall.ts"
import { Identity } from "./identity/Identity.ts"
import { CommonImages } from "./images/CommonImages.ts"
import { ImageRemoval } from "./images/ImageRemoval.ts"
import { upgradeExitCode } from "./launcher/launch.ts"
import { RuntimeLogs } from "./logs/RuntimeLogs.ts"
import { Observer } from "./observer/Observer.ts"
import { PeerSecret } from "./peers/PeerSecret.ts"
import { Peers } from "./peers/Peers.ts"
import { PlatformContact } from "./session/PlatformContact.ts"
import { Report } from "./session/Report.ts"
import { layerSession } from "./session/Session.ts"
import { StatusFile } from "./session/StatusFile.ts"
import { Membership } from "./swarm/Membership.ts"
import { Upgrade } from "./upgrade/Upgrade.ts"
import { Volumes } from "./volumes/Volumes.ts"

const layerServices = Layer.merge(Firewall.layer.pipe(Layer.provideMerge(Observer.layer)), Volumes.layer)
const layerNoServices = Layer.mergeAll(Firewall.layerNone, Observer.layerNone, Volumes.layerNone)

/** The parts that this worker's roles call for. */
const layerRoles = Layer.unwrap(
  Effect.gen(function* () {
    const { dataFolder, roles } = yield* AgentConfig
    yield* Effect.promise(() => mkdir(dataFolder, { recursive: true }))
    const services = roles.includes("services")
    const proxy = services || roles.includes("ingress")
    const images = services
      ? Layer.merge(CommonImages.layer, ImageRemoval.layer).pipe(Layer.provide(ImageEngine.layer))
      : Layer.merge(CommonImages.layerNone, ImageRemoval.layerNone)
    const parts = Layer.mergeAll(
      // Readers of logs wait for every worker: also one without services says that it has none.
      Layer.mergeAll(RuntimeLogs.layer, proxy ? Edge.layer : Edge.layerNone, layerFence).pipe(
        Layer.provideMerge(Peers.layer.pipe(Layer.provideMerge(PeerSecret.layer))),
        Layer.provideMerge(services ? layerServices : layerNoServices),
      ),
      roles.includes("builder") ? Builder.layer : Builder.layerNone,
    )
    return images.pipe(Layer.provideMerge(parts))
  }),
)

const layerEngine = Layer.merge(
  ContainerEngine.layer,
  Membership.layer.pipe(Layer.provide(SwarmEngine.layer)),
)

const layerUpgrade = Layer.unwrap(Effect.map(AgentConfig, Upgrade.layer))

const layerAgent = layerSession.pipe(
  Layer.provide(Report.layer),
  Layer.provide(layerRoles),
  Layer.provide(
    Layer.mergeAll(DesiredState.layer, layerEngine, Identity.layer, PlatformContact.layer, StatusFile.layer),
  ),
)

/** Runs until another version is on the disk; the launcher starts that one. */
const agent = Effect.gen(function* () {
  const { ready } = yield* Upgrade
  yield* Effect.raceFirst(Layer.launch(layerAgent), ready)
}).pipe(
  Effect.provide(
    layerUpgrade.pipe(
      Layer.provideMerge(AgentConfig.layer),
      Layer.provideMerge(Logger.layer([Logger.consolePretty({ colors: false })])),
    ),
  ),
)

/** To be asked to stop is no failure. */
const exitCode = (exit: Exit.Exit<unknown, unknown>): number => {
  if (Exit.isSuccess(exit)) return upgradeExitCode
  return Cause.hasInterruptsOnly(exit.cause) ? 0 : 1
}

// The bundle is both programs.
if (!isRecogniser) NodeRuntime.runMain(agent, { teardown: (exit, onExit) => onExit(exitCode(exit)) })
