import { writeFileSync } from "node:fs"
import { join } from "node:path"
import pg from "pg"

const client = new pg.Client(process.env.DATABASE_URL)
await client.connect()
await client.query("create table if not exists worker (name text primary key, state text, state_reason text)")
await client.query(
  "insert into worker values ($1, 'joining', '') on conflict (name) do update set state = 'joining'",
  [process.argv[2]],
)
await client.end()
writeFileSync(join(process.env.SKYPANEL_DATA ?? "", "database-url"), process.env.DATABASE_URL ?? "")
console.log("token-of-the-worker")
