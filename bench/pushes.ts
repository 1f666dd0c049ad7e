import { mkdirSync } from "node:fs"
import { join } from "node:path"
import { addedPackages } from "./addedPackages.ts"
import { type Changed, markAt } from "./application.ts"
import type { Development } from "./development.ts"
import { until } from "./processes.ts"
import { startPulledBytes } from "./pulledBytes.ts"
import { type Pushed, startPushed } from "./pushed.ts"
import { type Pair, type Row, rowOf } from "./row.ts"
import { freshMark, pairs, says, seconds, usualSees } from "./sides.ts"
import { startUsualWay, type UsualWay } from "./usualWay.ts"

interface Both {
  readonly pushed: Pushed
  readonly usual: UsualWay
  readonly pulledBytes: () => Promise<number>
}

/** From `git push`, or `docker build`, to the new answer, and what a worker pulls for it. */
const changes = async (
  { pushed, usual, pulledBytes }: Both,
  runs: number,
  changed: (run: number) => Changed,
  what: string,
): Promise<ReadonlyArray<Row>> => {
  const bytes: Array<Pair> = []
  const place = await pushed.place()
  await pulledBytes()
  const times = await pairs(runs, async (at) => {
    const mark = freshMark()
    await pushed.write(mark, changed(at))
    usual.write(mark, changed(at))
    const begunOurs = performance.now()
    const pushing = pushed.push()
    const took = await until("the pushed answer", begunOurs, async () => says(mark)(await markAt(place)))
    await pushing
    const begun = performance.now()
    await usual.update("--image", await usual.publish())
    const theirs = await usualSees(usual, begun, says(mark))
    bytes.push({ ours: await pulledBytes(), theirs: await usual.newBytes() })
    return { ours: seconds(took), theirs: seconds(theirs) }
  })
  return [
    rowOf(`git push of ${what}, to the new answer (against docker build, push, update)`, "s", times),
    rowOf("bytes that a worker pulls for it", "bytes", bytes),
  ]
}

/** To the release before and back again; the usual way names the image, which its machine has. */
const rollbacks = async ({ pushed, usual }: Both, runs: number, images: ReadonlyArray<string>) => {
  const place = await pushed.place()
  const releases = [1, 2]
  const marks = ["first", "second"]
  const times = await pairs(runs, async (at) => {
    const to = at % 2
    const begunOurs = performance.now()
    await pushed.rollBack(releases[to]!)
    const took = await until("the release of before", begunOurs, async () =>
      says(marks[to]!)(await markAt(place)),
    )
    await until("it to be live", performance.now(), async () => (await pushed.newest()).status === "live", {
      every: 20,
    })
    const begun = performance.now()
    await usual.update("--image", images[to]!)
    return { ours: seconds(took), theirs: seconds(await usualSees(usual, begun, says(marks[to]!))) }
  })
  return rowOf("rollback, to the old answer (against service update --image)", "s", times)
}

/** Pushes of one line, of another package.json and of one package more, and rollbacks, against Docker's own way. */
export const pushBenchmarks = async (
  development: Development,
  runs: number,
  report: (rows: ReadonlyArray<Row>) => void,
): Promise<void> => {
  const directory = join(development.directory, "usual-pushes")
  mkdirSync(directory)
  const usual = await startUsualWay(development.dockerSocket, directory)
  const pushed = await startPushed(development)
  try {
    const images: Array<string> = []
    for (const mark of ["first", "second"]) {
      await pushed.write(mark)
      usual.write(mark)
      await pushed.push()
      images.push(await usual.publish())
    }
    await usual.create(images[1]!)
    await usualSees(usual, performance.now(), says("second"))
    const both = { pushed, usual, pulledBytes: await startPulledBytes(development, await pushed.service()) }
    report([await rollbacks(both, Math.max(2, runs), images)])
    report(await changes(both, runs, () => ({}), "a change of one line"))
    const version = (at: number) => ({ version: `1.0.${process.pid}${at}` })
    report(await changes(both, runs, version, "another package.json"))
    const added = (at: number) => ({ added: addedPackages.slice(0, at + 1) })
    const most = Math.min(runs, addedPackages.length)
    report(await changes(both, most, added, "a package more in the lock file"))
  } finally {
    await pushed.remove()
    await usual.stop()
  }
}
