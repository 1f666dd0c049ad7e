// `npm run bench [-- deployments registry --runs 5]`: measures on this machine and prints a table. Needs root, and that no
// other Docker Engine of SkyPanel runs: it starts a whole platform of its own.
import { parseArgs } from "node:util"
import { deploymentBenchmarks } from "./deployments.ts"
import { startDevelopment } from "./development.ts"
import { machine } from "./machine.ts"
import { registryPull } from "./registry.ts"
import { type Row, tableOf } from "./row.ts"

const { values, positionals: wanted } = parseArgs({
  options: { runs: { type: "string", default: "5" } },
  allowPositionals: true,
})
const runs = Math.max(1, Number.parseInt(values.runs, 10) || 1)
const isWanted = (name: string) => wanted.length === 0 || wanted.includes(name)

const rows: Array<Row> = []
const report = (more: ReadonlyArray<Row>) => {
  rows.push(...more)
  for (const row of more)
    process.stderr.write(`${row.name}: ${row.ours} against ${row.theirs ?? "—"} ${row.unit}\n`)
}

const development = await startDevelopment()
const stopped = new Promise<never>((_, reject) => {
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => reject(new Error(signal)))
})
try {
  const where = await machine(development.dockerSocket)
  const measured = async () => {
    if (isWanted("deployments")) await deploymentBenchmarks(development, runs, report)
    if (isWanted("registry")) report(await registryPull(development.dockerSocket, runs))
  }
  await Promise.race([measured(), stopped])
  console.log(`${where}\n\n${tableOf(rows)}`)
} catch (error) {
  process.stderr.write(development.logs())
  throw error
} finally {
  await development.stop()
}
process.exit(0)
