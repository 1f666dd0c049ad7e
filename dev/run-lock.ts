import { existsSync, mkdirSync, readFileSync, rmSync, statfsSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { Effect } from "effect"
import { CannotStart } from "./CannotStart.ts"
import { startOf } from "./processes.ts"

const GIB = 1024 ** 3

/** The first application's closure, its image and PostgreSQL need about 2 GiB. */
const FREE_BYTES = 3 * GIB

/** The process that holds the lock, if it still runs. */
const holderOf = (file: string): string | undefined => {
  const [pid = "0", start = ""] = existsSync(file) ? readFileSync(file, "utf8").trim().split(" ") : []
  return start !== "" && startOf(Number(pid)) === start ? pid : undefined
}

const take = (file: string) =>
  Effect.suspend(() => {
    const holder = holderOf(file)
    if (holder)
      return Effect.fail(
        new CannotStart({
          what: "SkyPanel",
          why: `it already runs with this data folder (process ${holder})`,
          remedy: `stop it (Ctrl-C, or kill ${holder}), or set SKYPANEL_DATA in .env to another folder`,
        }),
      )
    mkdirSync(dirname(file), { recursive: true })
    rmSync(file, { force: true })
    return Effect.try({
      try: () => writeFileSync(file, `${process.pid} ${startOf(process.pid)}\n`, { flag: "wx", mode: 0o600 }),
      catch: () => new CannotStart({ what: "SkyPanel", why: "another start took the data folder just now" }),
    })
  })

/** Holds the data folder for as long as the scope: one run at a time. A killed run's lock does not count. */
export const lockData = (data: string) => {
  const file = join(data, "run", "lock")
  return Effect.acquireRelease(take(file), () => Effect.sync(() => rmSync(file, { force: true })))
}

/** Makes the data folder; fails when it cannot be written or its disk is nearly full. */
export const ensureSpace = (data: string, needed = FREE_BYTES) =>
  Effect.try({
    try: () => {
      mkdirSync(data, { recursive: true, mode: 0o755 })
      const { bavail, bsize } = statfsSync(data)
      return bavail * bsize
    },
    catch: (cause) =>
      new CannotStart({
        what: "Data folder",
        why: `cannot write ${data} (${(cause as Error).message})`,
        remedy: "set SKYPANEL_DATA in .env to a folder of this user",
      }),
  }).pipe(
    Effect.filterOrFail(
      (free) => free >= needed,
      (free) =>
        new CannotStart({
          what: "Data folder",
          why: `only ${(free / GIB).toFixed(1)} GiB are free at ${data}; ${needed / GIB} GiB are needed`,
          remedy: "free some space, or set SKYPANEL_DATA in .env to a folder on another disk",
        }),
    ),
    Effect.asVoid,
  )
