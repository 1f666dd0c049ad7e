import type { WorkerProblem } from "@skypanel/contract/AgentProtocol"
import type { FleetPolicy } from "@skypanel/contract/Fleet"
import type { Availability, WorkerState } from "@skypanel/contract/Worker"

/** What is known of a worker at one instant. All times are lengths on the platform's own clock. */
export interface WorkerFacts {
  readonly availability: Availability
  readonly removed: boolean
  /** It has told what it is, is a member of the cluster if it runs services, and has reported once. */
  readonly joined: boolean
  /** Why it has not joined; for people. */
  readonly joining: string
  /** Since its agent said anything at all, pulses among it. */
  readonly silentMs: number
  /** Since its last heartbeat; null: there was none yet. */
  readonly heartbeatAgeMs: number | null
  /** Did its proxy answer the platform when the agent did not? Null: not asked, or it has none. */
  readonly proxyAnswers: boolean | null
  /** What its agent said when it left on purpose. */
  readonly goodbye: "stopped" | "upgrade" | "uninstalled" | null
  readonly problems: ReadonlyArray<WorkerProblem>
  /** Of the workers that look at it, those whose proxies it does not answer. */
  readonly unreachableFor: number
  readonly lookedAtBy: number
  /** How far its clock is ahead of the platform's. */
  readonly clockAheadMs: number
  readonly quarantinedForMs: number
  /** Placements of which it may still have a container. */
  readonly placements: number
}

export interface Judgement {
  readonly state: WorkerState
  /** A sentence; empty when there is nothing to say. */
  readonly reason: string
  /** May it be given new services and builds? */
  readonly takesNew: boolean
  /** May requests be led to its containers? */
  readonly getsTraffic: boolean
  /** Neither its agent nor its proxy answers: what runs there may be started elsewhere. */
  readonly lost: boolean
}

type Timing = Pick<FleetPolicy, "suspectAfterSeconds" | "unhealthyAfterSeconds">

/** A clock that is further off than this is told to administrators. Nothing of ours depends on it. */
const clockMostMs = 5 * 60_000

const words = (ms: number): string => {
  const seconds = Math.round(ms / 1000)
  if (seconds < 120) return `${seconds} s`
  const minutes = Math.round(seconds / 60)
  return minutes < 120 ? `${minutes} minutes` : `${Math.round(minutes / 60)} hours`
}

const closed = { takesNew: false, getsTraffic: false, lost: false }
const serving = { takesNew: false, getsTraffic: true, lost: false }

/** A worker whose agent says nothing: its proxy decides whether it is lost. */
const silent = (facts: WorkerFacts, { unhealthyAfterSeconds }: Timing): Judgement => {
  const unhealthy =
    (facts.heartbeatAgeMs ?? Number.POSITIVE_INFINITY) >= unhealthyAfterSeconds * 1000 &&
    facts.silentMs >= unhealthyAfterSeconds * 1000
  if (facts.proxyAnswers === true)
    return {
      ...serving,
      state: unhealthy ? "unhealthy" : facts.goodbye === null ? "degraded" : "stopped",
      reason: "Its agent does not answer; its services do.",
    }
  return {
    ...closed,
    lost: true,
    state: unhealthy ? "unhealthy" : "suspect",
    reason: "Neither its agent nor its proxy answers.",
  }
}

const goodbyes: Record<NonNullable<WorkerFacts["goodbye"]>, string> = {
  stopped: "Its agent was stopped.",
  upgrade: "Its agent is being replaced.",
  uninstalled: "Its agent was uninstalled.",
}

const clockWords = (ms: number): string =>
  Math.abs(ms) <= clockMostMs ? "" : `Its clock is ${words(Math.abs(ms))} ${ms > 0 ? "ahead" : "behind"}.`

/** Answering, and wanted: is it fit for more? */
const fitness = (facts: WorkerFacts): Judgement => {
  if (facts.quarantinedForMs > 0)
    return {
      ...serving,
      state: "quarantined",
      reason: "It came and went several times; it is kept out for a while.",
    }
  const [problem] = facts.problems
  if (problem !== undefined) return { ...serving, state: "degraded", reason: sentence(problem.text) }
  // One that cannot reach a worker may be cut off itself; when half of them cannot, it is the worker.
  if (facts.unreachableFor > 0 && facts.unreachableFor * 2 >= facts.lookedAtBy)
    return {
      ...serving,
      state: "degraded",
      reason: `${facts.unreachableFor} of ${facts.lookedAtBy} other workers cannot reach it.`,
    }
  return { ...serving, takesNew: true, state: "active", reason: clockWords(facts.clockAheadMs) }
}

const sentence = (text: string): string => {
  const whole = text[0] === undefined ? "" : text[0].toUpperCase() + text.slice(1)
  return /[.!?]$/.test(whole) ? whole : `${whole}.`
}

/** The one word for a worker: that it is gone, that it is silent, what an administrator wants, how it is. */
export const judge = (facts: WorkerFacts, timing: Timing): Judgement => {
  if (facts.removed) return { ...closed, state: "removed", reason: "" }
  const isSilent = facts.silentMs >= timing.suspectAfterSeconds * 1000
  if (!facts.joined)
    return {
      ...closed,
      state: "joining",
      reason: isSilent ? "Its agent does not answer." : facts.joining,
    }
  if (isSilent) return silent(facts, timing)
  if (facts.goodbye !== null) return { ...serving, state: "stopped", reason: goodbyes[facts.goodbye] }
  if (facts.availability !== "active")
    return { ...serving, state: facts.placements > 0 ? "draining" : "drained", reason: "" }
  return fitness(facts)
}
