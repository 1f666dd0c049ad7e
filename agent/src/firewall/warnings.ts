import { Clock, Effect } from "effect"
import { readSystemFile } from "../systemFiles.ts"

const sayEveryMs = 60_000

/**
 * Warns of packets that a container forged to get into another organization's network. They were dropped; that there
 * were any means that somebody tries. One line a minute at most, with how many since the line before.
 */
export const makeForgedWarning = <E>(packets: Effect.Effect<number, E>): Effect.Effect<void, E> => {
  let before = 0
  let unsaid = 0
  let saidAt = Number.NEGATIVE_INFINITY
  return Effect.gen(function* () {
    const count = yield* packets
    // The counter begins anew when the rules are put in force anew.
    unsaid += count < before ? count : count - before
    before = count
    const now = yield* Clock.currentTimeMillis
    if (unsaid === 0 || now - saidAt < sayEveryMs) return
    yield* Effect.logWarning(
      `a container here forges packets of other networks: ${unsaid} were dropped (iptables -t mangle -nvL SKYPANEL-FORGED)`,
    )
    unsaid = 0
    saidAt = now
  })
}

const tableFull = 0.8
const tableEmptyAgain = 0.7

/** How full the kernel's table of connections is, from 0 to 1; 0 where it has none. */
const connectionTableUse = Effect.sync(() => {
  try {
    const [count, max] = ["count", "max"].map((name) =>
      Number(readSystemFile(`/proc/sys/net/netfilter/nf_conntrack_${name}`)),
    )
    return (count ?? 0) / (max ?? 1)
  } catch {
    return 0
  }
})

/** Warns before new connections of everybody are dropped; once, and again when it was well below. */
export const makeTableWarning = (use: Effect.Effect<number> = connectionTableUse): Effect.Effect<void> => {
  let said = false
  return Effect.gen(function* () {
    const full = yield* use
    if (said && full < tableEmptyAgain) said = false
    if (said || full < tableFull) return
    said = true
    yield* Effect.logWarning(
      `the kernel's table of connections is ${Math.round(full * 100)} % full: raise net.netfilter.nf_conntrack_max`,
    )
  })
}
