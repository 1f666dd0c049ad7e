import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { ensureDatabase, startPostgres } from "../../dev/postgres.ts"
import { inFleet, startFleet, type TestFleet } from "../../test/lab/fleet.ts"
import { makeLab } from "../../test/lab/lab.ts"
import { openScope } from "./scoped.ts"

export interface OurFleet extends ReturnType<typeof inFleet> {
  readonly fleet: TestFleet
  readonly order: (worker: { readonly name: string }, what: "drain" | "undrain") => Promise<void>
  readonly stop: () => Promise<void>
}

/** A whole SkyPanel with as many real workers, as the tests of the fleet have it. */
export const startOurFleet = async (workers: number): Promise<OurFleet> => {
  const { run, onClose, close } = openScope()
  try {
    const folder = mkdtempSync(join(tmpdir(), "skypanel-bench-fleet-"))
    onClose(() => rmSync(folder, { recursive: true, force: true }))
    const postgres = await run(startPostgres({ directory: join(folder, "postgres"), durable: false }))
    await run(ensureDatabase(postgres, "platform"))
    const lab = await run(makeLab)
    const fleet = await startFleet(folder, postgres.urlOf("platform"), lab, workers)
    onClose(() => fleet.end())
    await fleet.isReady()
    return {
      ...inFleet(() => fleet),
      fleet,
      order: async ({ name }, what) => {
        const { status, body } = await fleet.api("POST", `/workers/${name}/${what}`, {})
        if (status !== 202) throw new Error(`${what} ${name}: ${JSON.stringify(body)}`)
      },
      stop: close,
    }
  } catch (error) {
    await close()
    throw error
  }
}
