import type { Cause, Queue } from "effect"

/** The connection to one agent, whatever carries it. */
export interface AgentConnection {
  /** The subprotocol that was agreed on. */
  readonly protocol: string
  /** Where it comes from, for people. */
  readonly from: string
  readonly send: (text: string) => void
  readonly close: (code: number, reason: string) => void
  /** Text frames; pulses are not among them. Ends when the connection does. */
  readonly messages: Queue.Dequeue<string, Cause.Done>
  /** Called at each frame as it comes, before anybody has read it. */
  onFrame: () => void
}

/** What a WebSocket is closed with (RFC 6455, section 7.4.2: 4000 to 4999 are ours). */
export const closeCodes = { replaced: 4409, refused: 4401, silent: 4408, ended: 1000 } as const
