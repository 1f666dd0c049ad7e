import type { Up } from "@skypanel/contract/AgentProtocol"
import { Context, Layer, Stream } from "effect"

export type LogsBatch = Omit<Extract<Up, { _tag: "logs" }>, "_tag">

/** The output of running services, for those who read it now. */
export class RuntimeLogs extends Context.Service<
  RuntimeLogs,
  {
    /** What was asked for, in batches. The oldest are lost while nobody takes them. */
    readonly batches: Stream.Stream<LogsBatch>
  }
>()("agent/logs/RuntimeLogs") {
  static readonly layerNone = Layer.succeed(RuntimeLogs, { batches: Stream.never })
}
