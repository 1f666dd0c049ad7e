import { type Cost, costOf, type Window } from "./agents/measure.ts"

const MB = 1e6

interface Line {
  readonly name: string
  readonly of: (cost: Cost) => number
  readonly digits: number
}

const lines: ReadonlyArray<Line> = [
  { name: "platform: processor seconds a second", of: ({ platformCpu }) => platformCpu, digits: 3 },
  { name: "PostgreSQL: processor seconds a second", of: ({ databaseCpu }) => databaseCpu, digits: 3 },
  { name: "platform: memory, most (MB)", of: ({ residentBytes }) => residentBytes / MB, digits: 0 },
  { name: "heartbeats a second", of: ({ heartbeatsPerSecond }) => heartbeatsPerSecond, digits: 1 },
  {
    name: "heartbeat until it is in the database, p50 (ms)",
    of: ({ heartbeatP50 }) => heartbeatP50,
    digits: 0,
  },
  {
    name: "heartbeat until it is in the database, p99 (ms)",
    of: ({ heartbeatP99 }) => heartbeatP99,
    digits: 0,
  },
  { name: "pulse until it is answered, p50 (ms)", of: ({ pulseP50 }) => pulseP50, digits: 1 },
  { name: "pulse until it is answered, p99 (ms)", of: ({ pulseP99 }) => pulseP99, digits: 1 },
  { name: "transactions a second", of: ({ transactionsPerSecond }) => transactionsPerSecond, digits: 0 },
  { name: "database, all (MB)", of: ({ databaseBytes }) => databaseBytes / MB, digits: 0 },
  { name: "of it the history of a week (MB)", of: ({ historyBytes }) => historyBytes / MB, digits: 1 },
  {
    name: "history a day, until it is a week old (MB)",
    of: ({ historyBytesPerDay }) => historyBytesPerDay / MB,
    digits: 2,
  },
  { name: "write-ahead log a day (MB)", of: ({ walBytesPerDay }) => walBytesPerDay / MB, digits: 0 },
  {
    name: "platform started again: all agents are back after (s)",
    of: ({ bringInSeconds }) => bringInSeconds,
    digits: 1,
  },
  { name: "connections that ended by themselves", of: ({ ended }) => ended, digits: 0 },
  { name: "events of workers since then, of which nothing was true", of: ({ events }) => events, digits: 0 },
  { name: "workers that are not active", of: ({ notActive }) => notActive, digits: 0 },
]

const number = (value: number, digits: number) =>
  value.toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits })

/** As Markdown; the last column says what the next column is a multiple of, each time. */
const tableOf = (costs: ReadonlyArray<Cost>): string => {
  const growth = ({ of }: Line) =>
    costs
      .slice(1)
      .map((cost, at) => (of(costs[at]!) > 0 ? `${(of(cost) / of(costs[at]!)).toFixed(1)}×` : "—"))
      .join(", ")
  const cells = [
    ["agents, with 20 services each", ...costs.map(({ agents }) => number(agents, 0)), "grows by"],
    ...lines.map((line) => [
      line.name,
      ...costs.map((cost) => number(line.of(cost), line.digits)),
      growth(line),
    ]),
  ]
  const widths = cells[0]!.map((_, column) => Math.max(...cells.map((row) => row[column]!.length)))
  const row = (texts: ReadonlyArray<string>) =>
    `| ${texts.map((text, at) => (at === 0 ? text.padEnd(widths[at]!) : text.padStart(widths[at]!))).join(" | ")} |`
  const rule = `|${widths.map((width, at) => (at === 0 ? "-".repeat(width + 2) : `${"-".repeat(width + 1)}:`)).join("|")}|`
  return [row(cells[0]!), rule, ...cells.slice(1).map(row)].join("\n")
}

/** What the platform costs with so many agents; from a table of its own. */
export const agentsBenchmark = async (counts: ReadonlyArray<number>, window: Window): Promise<string> => {
  const costs: Array<Cost> = []
  for (const agents of counts) {
    const cost = await costOf(agents, window)
    process.stderr.write(`${JSON.stringify(cost)}\n`)
    costs.push(cost)
  }
  return tableOf(costs)
}
