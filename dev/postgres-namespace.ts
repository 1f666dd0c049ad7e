// Runs inside a mount namespace of its own (`unshare --mount`), shows PostgreSQL's programs and data at places that
// every user may enter, and becomes PostgreSQL. For checkouts below a closed folder such as root's home: PostgreSQL
// runs as another user, who could not get there.
import { spawnSync } from "node:child_process"
import { existsSync, mkdirSync, statSync, writeFileSync } from "node:fs"
import { join } from "node:path"

const [programs = "", cluster = "", command = "", ...args] = process.argv.slice(2)

const mount = (...args: ReadonlyArray<string>): void => {
  const { status, stderr } = spawnSync("mount", args, { encoding: "utf8" })
  if (status === 0) return
  process.stderr.write(`mount ${args.join(" ")}: ${stderr}\n`)
  process.exit(1)
}

mount("-t", "tmpfs", "-o", "mode=755", "tmpfs", "/mnt")
const show = (from: string, to: string): void => {
  if (statSync(from).isDirectory()) mkdirSync(to)
  else writeFileSync(to, "")
  mount("--bind", from, to)
}
show(programs, "/mnt/programs")
// The cluster's own folder may be closed as well; only what PostgreSQL needs of it is shown.
mkdirSync("/mnt/cluster")
for (const name of ["data", "password.initdb"])
  if (existsSync(join(cluster, name))) show(join(cluster, name), join("/mnt/cluster", name))
process.chdir("/")
process.execve?.(command, [command, ...args], process.env as Record<string, string>)
