import type { Hello, Observed } from "@skypanel/contract/AgentProtocol"
import type { WorkerRow } from "../store/rows.ts"
import type { AgentConnection } from "./AgentConnection.ts"

/** An agent that is connected now. */
export interface Live {
  readonly worker: WorkerRow
  readonly session: string
  readonly connection: AgentConnection
  /** Of the last message: the next one bears the next number. */
  seq: number
  hello: Hello | null
  observed: Observed | null
  /** What was sent last, and as which generation. */
  sentState: string
  sentGeneration: number
}
