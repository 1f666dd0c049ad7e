// `npm run bench [-- NAME … --runs 5]`: measures on this machine and prints tables. Needs root. Names: deployments, pushes,
// registry and neighbours (they start a whole platform of their own: no other private engine may run), failover and drain (two fleets),
// wire (layers compressed on their way), layering (bytes of recorded deployments, which `record` writes down anew), throughput (registry and cache against nginx),
// evaluation (what isolation adds), fairness (twenty builds of five organizations), collection (100,000 paths), join (a fresh Debian server), hops (the proxy's cost), agents (simulated ones; `--agents 100,1000,10000`).
import { parseArgs } from "node:util"
import { agentsBenchmark } from "./agents.ts"
import { collectionBenchmark } from "./collection.ts"
import { deploymentBenchmarks } from "./deployments.ts"
import { startDevelopment } from "./development.ts"
import { evaluationBenchmark } from "./evaluation.ts"
import { fairnessBenchmark } from "./fairness.ts"
import { fleetBenchmarks } from "./fleet.ts"
import { joinBenchmark } from "./join.ts"
import { recordLayering } from "./layering/record.ts"
import { layeringBenchmark } from "./layering.ts"
import { machine } from "./machine.ts"
import { neighboursBenchmark } from "./neighbours.ts"
import { pushBenchmarks } from "./pushes.ts"
import { registryPull } from "./registry.ts"
import { type Row, tableOf } from "./row.ts"
import { unlessStopped } from "./stopped.ts"
import { throughputBenchmark } from "./throughput.ts"
import { wire } from "./wire.ts"

const { values, positionals: wanted } = parseArgs({
  options: {
    runs: { type: "string", default: "5" },
    agents: { type: "string", default: "100,1000,10000" },
    "warm-up": { type: "string", default: "60" },
    seconds: { type: "string", default: "120" },
    ingress: { type: "string", default: "2" },
  },
  allowPositionals: true,
})
const runs = Math.max(1, Number.parseInt(values.runs, 10) || 1)
const isWanted = (name: string) => wanted.length === 0 || wanted.includes(name)
const isAnyWanted = (...names: ReadonlyArray<string>) => names.some(isWanted)

const rows: Array<Row> = []
const tables: Array<string> = []
const report = (more: ReadonlyArray<Row>) => {
  rows.push(...more)
  for (const row of more)
    process.stderr.write(`${row.name}: ${row.ours} against ${row.theirs ?? "—"} ${row.unit}\n`)
}

const onDevelopment = async () => {
  const development = await startDevelopment()
  try {
    if (isWanted("deployments")) await unlessStopped(deploymentBenchmarks(development, runs, report))
    if (isWanted("pushes")) await unlessStopped(pushBenchmarks(development, runs, report))
    if (isWanted("registry")) report(await unlessStopped(registryPull(development.dockerSocket, runs)))
    if (isWanted("neighbours")) report(await unlessStopped(neighboursBenchmark(development, runs)))
    if (wanted.includes("record")) await unlessStopped(recordLayering(development))
    return await machine(development.dockerSocket)
  } catch (error) {
    process.stderr.write(development.logs())
    throw error
  } finally {
    await development.stop()
  }
}

const where = isAnyWanted("deployments", "pushes", "registry", "neighbours", "record")
  ? await onDevelopment()
  : await machine(null)
if (isAnyWanted("failover", "drain", "hops")) await fleetBenchmarks(isWanted, runs, report)
if (isWanted("wire")) report(await wire(runs))
if (isWanted("throughput")) report(await throughputBenchmark(runs))
if (isWanted("evaluation")) report(await evaluationBenchmark(runs))
if (isWanted("layering")) tables.push(...layeringBenchmark())
if (isWanted("fairness")) tables.push(await fairnessBenchmark())
if (isWanted("collection")) report(await collectionBenchmark())
if (isWanted("join")) report(await joinBenchmark(runs))
if (isWanted("agents"))
  tables.push(
    await agentsBenchmark(values.agents.split(",").map(Number), {
      warmUpSeconds: Number(values["warm-up"]),
      seconds: Number(values.seconds),
      ingress: Number(values.ingress),
    }),
  )
if (rows.length > 0) tables.unshift(tableOf(rows))
console.log([where, ...tables].join("\n\n"))
process.exit(0)
