import { type BuildObserved, type ContainerObserved, Down, Up } from "@skypanel/contract/AgentProtocol"
import { Effect, Queue, Schema } from "effect"
import type { AgentConnection } from "../src/fleet/AgentSessions.ts"

type Desired = Extract<Down, { _tag: "desired" }>

const decodeDown = Schema.decodeUnknownSync(Schema.fromJsonString(Down))
const encodeUp = Schema.encodeUnknownSync(Schema.fromJsonString(Up))

/** What a scripted agent answers to a desired state. */
export interface Script {
  readonly builds: (desired: Desired) => ReadonlyArray<BuildObserved>
  readonly containers: (desired: Desired) => ReadonlyArray<ContainerObserved>
}

const health = { load1: 0, cpuPercent: 0, memoryUsedBytes: 0, diskUsedBytes: 0 }

/**
 * An agent without a worker, for tests of the platform's side: it speaks the protocol over an in-memory connection
 * and observes what its script says.
 */
export const scriptedAgent = (script: () => Script, endpointAddress: string) =>
  Effect.gen(function* () {
    const messages = yield* Queue.unbounded<string, import("effect").Cause.Done>()
    const say = (message: typeof Up.Type) => Queue.offerUnsafe(messages, encodeUp(message))
    let desired: Desired | null = null
    const observe = () => {
      if (desired === null) return
      say({
        _tag: "observed",
        generation: desired.generation,
        health,
        builds: script().builds(desired),
        containers: script().containers(desired),
        edgeError: null,
      })
    }
    const connection: AgentConnection = {
      send: (text) => {
        const message = decodeDown(text)
        if (message._tag !== "desired") return
        desired = message
        observe()
      },
      close: () => Queue.endUnsafe(messages),
      messages,
    }
    say({
      _tag: "hello",
      roles: ["services", "builder"],
      versions: { agent: "0", runtime: "test", docker: null, nix: null, haproxy: null },
      capacity: { cpu: 2, memoryBytes: 2 ** 33, diskBytes: 2 ** 36 },
      packageSet: null,
      orchestratorNodeId: null,
      endpointAddress,
    })
    return { connection, observe, desired: () => desired }
  })
