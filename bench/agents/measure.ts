import { setTimeout as sleep } from "node:timers/promises"
import pg from "pg"
import { unlessStopped } from "../stopped.ts"
import { quantile } from "./quantile.ts"
import { type Simulation, simulate } from "./simulation.ts"
import { residentBytesOf, usageOf } from "./usage.ts"

/** What a platform costs with so many agents. */
export interface Cost {
  readonly agents: number
  readonly bringInSeconds: number
  /** Processor seconds a second. */
  readonly platformCpu: number
  readonly databaseCpu: number
  readonly residentBytes: number
  /** Milliseconds from a heartbeat being sent until the database has it. */
  readonly heartbeatP50: number
  readonly heartbeatP99: number
  /** Milliseconds from a pulse to its answer. */
  readonly pulseP50: number
  readonly pulseP99: number
  readonly heartbeatsPerSecond: number
  readonly transactionsPerSecond: number
  readonly walBytesPerDay: number
  /** What the history of a week takes, and what it grows by in a day until it is a week old. */
  readonly historyBytes: number
  readonly historyBytesPerDay: number
  readonly databaseBytes: number
  /** Connections that ended in the window, and workers that were not active at its end. */
  readonly ended: number
  readonly notActive: number
  /** What administrators were told of workers since the platform's start, although nothing happened to them. */
  readonly events: number
}

const samplesPerDay = 24 * 6

interface Counters {
  readonly at: number
  readonly transactions: number
  readonly wal: number
}

const countersOf = async (client: pg.Client): Promise<Counters> => {
  const { rows } = await client.query(`select xact_commit::float8 as transactions,
    pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::float8 as wal from pg_stat_database where datname = current_database()`)
  return { at: performance.now(), ...rows[0] }
}

/** Agents say with each heartbeat when they sent it, as their load. */
const heartbeatDelays = async (client: pg.Client, seconds: number): Promise<ReadonlyArray<number>> => {
  const { rows } = await client.query(
    `select (extract(epoch from last_heartbeat_at) - (health ->> 'load1')::float8) * 1000 as delay from worker_report
     where health is not null and last_heartbeat_at > now() - make_interval(secs => $1)`,
    [seconds],
  )
  return rows.map(({ delay }: { delay: string }) => Number(delay))
}

const sizesOf = async (client: pg.Client) => {
  const { rows } = await client.query(`select pg_database_size(current_database())::float8 as database,
    pg_total_relation_size('worker_sample')::float8 as history, (select count(*)::float8 from worker_sample) as samples,
    (select count(*)::float8 from worker where state <> 'active') as not_active,
    (select count(*)::float8 from audit_event where worker_id is not null) as events`)
  return rows[0] as { database: number; history: number; samples: number; not_active: number; events: number }
}

const lookEverySeconds = 10

const watch = async (simulation: Simulation, client: pg.Client, seconds: number) => {
  const delays: Array<number> = []
  let residentBytes = 0
  for (let passed = 0; passed < seconds; passed += lookEverySeconds) {
    await sleep(lookEverySeconds * 1000)
    residentBytes = Math.max(residentBytes, residentBytesOf(simulation.platformPid()))
    delays.push(...(await heartbeatDelays(client, lookEverySeconds)))
  }
  return { delays: delays.toSorted((a, b) => a - b), residentBytes }
}

export interface Window {
  readonly warmUpSeconds: number
  readonly seconds: number
  readonly ingress: number
}

const inWindow = async (simulation: Simulation, agents: number, window: Window): Promise<Cost> => {
  const client = new pg.Client({ connectionString: simulation.databaseUrl })
  await client.connect()
  try {
    const bringInSeconds = (await simulation.bringIn()) / 1000
    await sleep(window.warmUpSeconds * 1000)
    await simulation.agents()
    const usage = () => usageOf(simulation.platformPid(), simulation.postgresPid)
    const [before, countersBefore] = [usage(), await countersOf(client)]
    const { delays, residentBytes } = await watch(simulation, client, window.seconds)
    const [after, countersAfter] = [usage(), await countersOf(client)]
    const seen = await simulation.agents()
    const sizes = await sizesOf(client)
    const seconds = (after.at - before.at) / 1000
    const counted = (countersAfter.at - countersBefore.at) / 1000
    process.stderr.write(`${JSON.stringify({ agents, ...seen, engine: await simulation.engine() })}\n`)
    for (const line of simulation.log().split("\n"))
      if (/ (WARN|ERROR) /.test(line)) process.stderr.write(`${line.slice(0, 200)}\n`)
    return {
      agents,
      bringInSeconds,
      platformCpu: (after.platform - before.platform) / seconds,
      databaseCpu: (after.database - before.database) / seconds,
      residentBytes,
      heartbeatP50: quantile(delays, 0.5),
      heartbeatP99: quantile(delays, 0.99),
      pulseP50: seen.pulseP50,
      pulseP99: seen.pulseP99,
      heartbeatsPerSecond: seen.heartbeats / seconds,
      transactionsPerSecond: (countersAfter.transactions - countersBefore.transactions) / counted,
      walBytesPerDay: ((countersAfter.wal - countersBefore.wal) / counted) * 86_400,
      historyBytes: sizes.history,
      historyBytesPerDay: agents * samplesPerDay * (sizes.history / sizes.samples),
      databaseBytes: sizes.database,
      ended: Object.values(seen.ended).reduce((sum, one) => sum + one, 0),
      notActive: sizes.not_active,
      events: sizes.events,
    }
  } finally {
    await client.end()
  }
}

/** The cost of so many agents, after a warm-up. */
export const costOf = async (agents: number, window: Window): Promise<Cost> => {
  const simulation = await simulate(agents, window.ingress)
  try {
    return await unlessStopped(inWindow(simulation, agents, window))
  } catch (error) {
    process.stderr.write(simulation.log())
    throw error
  } finally {
    await simulation.stop()
  }
}
