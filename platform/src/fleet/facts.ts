import type { WorkerId } from "@skypanel/contract/Id"
import type { WorkerFacts } from "../domain/workers/judge.ts"
import type { Watched } from "./FleetWatch.ts"

const runsServices = ({ row }: Watched) => row.roles.includes("services")

/** How many of the workers that look at others cannot reach each one. */
const unreachableCounts = (workers: ReadonlyArray<Watched>, isSilent: (of: Watched) => boolean) => {
  const counts = new Map<WorkerId, number>()
  const looking = workers.filter((one) => one.row.roles.includes("ingress") && !isSilent(one))
  for (const { unreachablePeers } of looking)
    for (const id of unreachablePeers) counts.set(id, (counts.get(id) ?? 0) + 1)
  return { counts, looking }
}

const joiningWords = (of: Watched): string => {
  if (of.hello === null) return "It has not told what it is."
  if (runsServices(of) && of.member !== true) return "Its Docker Engine is not yet a member of the cluster."
  if (of.heartbeatAt === null) return "It has not reported yet."
  const [problem] = of.problems
  return problem === undefined ? "" : `It is being made ready: ${problem.text}.`
}

const settlesWithinMs = 30_000

/** A new one has no packet filter and no proxy in its first seconds: that is no news, and passes. */
const isSettling = ({ row, problems }: Watched) =>
  row.state === "joining" && problems.length > 0 && Date.now() - row.created_at.getTime() < settlesWithinMs

/** What the judge needs, of every worker, from what is in memory at one instant. */
export const factsOf = (
  workers: ReadonlyArray<Watched>,
  suspectAfterMs: number,
  now: number,
): ReadonlyArray<readonly [Watched, WorkerFacts]> => {
  const silentMs = (of: Watched) => Math.max(0, now - of.heardAt)
  const isSilent = (of: Watched) => silentMs(of) >= suspectAfterMs
  const { counts, looking } = unreachableCounts(workers, isSilent)
  const isLooking = new Set(looking)
  return workers.map((of) => {
    const isMember = !runsServices(of) || (of.member ?? of.row.node_id !== null)
    return [
      of,
      {
        availability: of.row.availability,
        removed: of.row.removed_at !== null,
        joined: of.hello !== null && isMember && of.heartbeatAt !== null && !isSettling(of),
        joining: joiningWords(of),
        silentMs: silentMs(of),
        heartbeatAgeMs: of.heartbeatAt === null ? null : Math.max(0, now - of.heartbeatAt),
        proxyAnswers: of.proxyAnswers,
        goodbye: of.connected ? null : of.goodbye,
        problems: of.problems,
        unreachableFor: counts.get(of.row.id) ?? 0,
        lookedAtBy: looking.length - (isLooking.has(of) ? 1 : 0),
        clockAheadMs: of.clockAheadMs,
        quarantinedForMs:
          of.row.quarantined_until === null ? 0 : of.row.quarantined_until.getTime() - Date.now(),
        placements: Number(of.row.placements),
      },
    ] as const
  })
}
