// An engine's place in the cluster, as a process in the engine's own network: `membershipProgram.ts <data folder>
// <socket>`. Reads one order of the platform a line, and prints what it is a member of then.
import { createInterface } from "node:readline"
import type { Down } from "@skypanel/contract/AgentProtocol"
import { Effect, Layer, Logger, ManagedRuntime } from "effect"
import { AgentConfig } from "../src/config.ts"
import { SwarmEngine } from "../src/engine/SwarmEngine.ts"
import { Membership } from "../src/swarm/Membership.ts"
import { settings } from "./edge.ts"

const [dataFolder = "", dockerSocket = ""] = process.argv.slice(2)

const runtime = ManagedRuntime.make(
  Membership.layer.pipe(
    Layer.provide(SwarmEngine.layer),
    Layer.provide(Layer.succeed(AgentConfig, settings({ dataFolder, dockerSocket }))),
    Layer.provideMerge(Logger.layer([])),
  ),
)

for await (const line of createInterface({ input: process.stdin })) {
  const order: Down | null = JSON.parse(line)
  const member = await runtime.runPromise(
    Effect.gen(function* () {
      const membership = yield* Membership
      if (order?._tag === "join") yield* membership.join(order)
      if (order?._tag === "leave") yield* membership.leave
      return membership.member()
    }),
  )
  process.stdout.write(`${JSON.stringify(member)}\n`)
}
await runtime.dispose()
