import { mkdirSync } from "node:fs"
import { join } from "node:path"
import type { Deployment } from "@skypanel/contract/Deployment"
import { type Mark, markAt } from "./application.ts"
import type { Development } from "./development.ts"
import { type Ours, startOurs } from "./ours.ts"
import { until } from "./processes.ts"
import type { Pair } from "./row.ts"
import { startUsualWay, type UsualWay } from "./usualWay.ts"

/** Both ways, side by side, with the same application answering. */
export interface Sides {
  ours: Ours
  /** Another service, of a name that no run before has used; it takes the place of `ours`. */
  readonly anotherOurs: () => Promise<Ours>
  readonly usual: UsualWay
  readonly directory: string
}

export const startSides = async (development: Development): Promise<Sides> => {
  const directory = join(development.directory, "usual")
  mkdirSync(directory)
  const usual = await startUsualWay(development.dockerSocket, directory)
  let services = 0
  const service = () => startOurs(development, `bench-${process.pid}-${++services}`)
  const sides: Sides = {
    ours: await service(),
    anotherOurs: async () => {
      await sides.ours.remove()
      await sides.ours.close()
      sides.ours = await service()
      return sides.ours
    },
    usual,
    directory,
  }
  return sides
}

let marks = 0
/** A text that no run before has used. */
export const freshMark = (): string => `mark-${process.pid}-${++marks}`

type See = (mark: Mark | null) => boolean

export const says =
  (text: string): See =>
  (mark) =>
    mark?.mark === text

/** Milliseconds from `begun` until the usual way's endpoint answers so. */
export const usualSees = (usual: UsualWay, begun: number, see: See): Promise<number> =>
  until("the usual way's answer", begun, async () => see(await markAt(usual.place)))

/** The same for ours; a deployment that fails meanwhile ends the benchmark with its reason. */
export const oursSees = (
  ours: Ours,
  deployment: Deployment | null,
  begun: number,
  see: See,
): Promise<number> => {
  let looks = 0
  return until("SkyPanel's answer", begun, async () => {
    if (see(await markAt(ours.place))) return true
    looks += 1
    if (deployment !== null && looks % 100 === 0) await ours.mustNotFail(deployment)
    return false
  })
}

/** Takes pairs in turn: a busy moment of the machine falls on both sides. */
export const pairs = async (
  count: number,
  take: (run: number) => Promise<Pair>,
): Promise<ReadonlyArray<Pair>> => {
  const taken: Array<Pair> = []
  for (let run = 0; run < count; run++) taken.push(await take(run))
  return taken
}

export const seconds = (milliseconds: number): number => milliseconds / 1000
