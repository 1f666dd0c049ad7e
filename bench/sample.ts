import pg from "pg"
import { simulate } from "./agents/simulation.ts"
const s = await simulate(Number(process.argv[2] ?? 1000), 2)
const c = new pg.Client({ connectionString: s.databaseUrl }); await c.connect()
console.log("in", await s.bringIn())
await new Promise((r) => setTimeout(r, 15000))
const seen: Record<string, number> = {}
for (let i = 0; i < 400; i++) {
  const { rows } = await c.query("select left(regexp_replace(query, '\\s+', ' ', 'g'), 160) as q from pg_stat_activity where state='active' and pid <> pg_backend_pid() and datname=current_database()")
  for (const { q } of rows) seen[q] = (seen[q] ?? 0) + 1
  await new Promise((r) => setTimeout(r, 50))
}
console.log(Object.entries(seen).sort((a, b) => b[1] - a[1]).slice(0, 12))
const { rows } = await c.query("select relname, seq_scan, seq_tup_read, idx_scan, n_tup_upd, n_tup_ins from pg_stat_user_tables order by seq_tup_read desc limit 12")
console.table(rows)
await c.end(); await s.stop(); process.exit(0)
