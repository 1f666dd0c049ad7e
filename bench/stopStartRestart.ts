import { type Mark, markAt } from "./application.ts"
import { type Pair, type Row, rowOf } from "./row.ts"
import { oursSees, type Sides, seconds, usualSees } from "./sides.ts"

const isSilent = (mark: Mark | null) => mark === null
const answers = (mark: Mark | null) => mark !== null

/** Another start of the application answers than `before`. */
const isReplaced = (before: Mark | null) => (mark: Mark | null) =>
  mark !== null && mark.started !== before?.started

/** Against `docker service scale` and `docker service update --force` by hand. */
export const stopStartRestart = async ({ ours, usual }: Sides, runs: number): Promise<ReadonlyArray<Row>> => {
  const [stops, starts, restarts]: [Array<Pair>, Array<Pair>, Array<Pair>] = [[], [], []]
  for (let run = 0; run < runs; run++) {
    let begun = performance.now()
    await ours.stop()
    const oursStopped = await oursSees(ours, null, begun, isSilent)
    begun = performance.now()
    await usual.scale(0)
    stops.push({ ours: seconds(oursStopped), theirs: seconds(await usualSees(usual, begun, isSilent)) })

    begun = performance.now()
    const started = await ours.start()
    const oursStarted = await oursSees(ours, started, begun, answers)
    await ours.live(started)
    begun = performance.now()
    await usual.scale(1)
    starts.push({ ours: seconds(oursStarted), theirs: seconds(await usualSees(usual, begun, answers)) })

    const oursBefore = await markAt(ours.place)
    begun = performance.now()
    const restarted = await ours.restart()
    const oursReplaced = await oursSees(ours, restarted, begun, isReplaced(oursBefore))
    await ours.live(restarted)
    const before = await markAt(usual.place)
    begun = performance.now()
    await usual.update("--force")
    const replaced = await usualSees(usual, begun, isReplaced(before))
    restarts.push({ ours: seconds(oursReplaced), theirs: seconds(replaced) })
  }
  return [
    rowOf("stop, to silence (against scale to 0)", "s", stops),
    rowOf("start, to an answer (against scale to 1)", "s", starts),
    rowOf("restart, to another instance's answer (against update --force)", "s", restarts),
  ]
}
