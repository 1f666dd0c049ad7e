import { startLoad } from "./load.ts"
import { type Row, rowOf } from "./row.ts"
import { freshMark, type Sides, says, usualSees } from "./sides.ts"

const times = 10

/** Requests that fail while the application is redeployed ten times; ours must be none. */
export const failedRequests = async ({ ours, usual, directory }: Sides): Promise<ReadonlyArray<Row>> => {
  const ourLoad = startLoad(ours.place, directory)
  for (let run = 0; run < times; run++) {
    await ours.write(freshMark())
    await ours.live(await ours.redeploy())
  }
  const our = await ourLoad.stop()
  const usualLoad = startLoad(usual.place, directory)
  for (let run = 0; run < times; run++) {
    const mark = freshMark()
    usual.write(mark)
    const begun = performance.now()
    await usual.update("--image", await usual.publish())
    await usualSees(usual, begun, says(mark))
  }
  const their = await usualLoad.stop()
  const name = `requests failed in ten redeployments (of ${our.requests} and ${their.requests})`
  return [rowOf(name, "requests", [{ ours: our.failed, theirs: their.failed }])]
}
