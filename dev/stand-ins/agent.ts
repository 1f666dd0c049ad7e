import { spawn } from "node:child_process"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import pg from "pg"

// What a worker has beside itself: a program that would outlive it.
spawn("sleep", ["100000"], { stdio: "ignore", detached: true }).unref()

const { SKYPANEL_DATA = "", SKYPANEL_WORKER_NAME, SKYPANEL_TOKEN_FILE = "" } = process.env
if (readFileSync(SKYPANEL_TOKEN_FILE, "utf8") !== "token-of-the-worker") throw new Error("no token")
// Its stand-in registration left the database there, in place of a connection to the platform.
const client = new pg.Client(readFileSync(join(SKYPANEL_DATA, "..", "database-url"), "utf8"))
await client.connect()
await client.query("update worker set state = 'active' where name = $1", [SKYPANEL_WORKER_NAME])
await client.end()
setInterval(() => undefined, 1000)
process.on("SIGTERM", () => {
  console.log("agent stops")
  process.exit(0)
})
