import { execFile } from "node:child_process"
import { chmod, mkdir, readdir, rm, stat, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { promisify } from "node:util"
import type { OrganizationId, ServiceId } from "@skypanel/contract/Id"
import { Context, Effect, Layer } from "effect"
import { SqlClient, type SqlError } from "effect/sql"
import { ArtifactConfig } from "../artifacts/ArtifactConfig.ts"
import { databaseMadeMs } from "../store/Migrations.ts"
import { sweepQuarantines, whyNoRoom } from "./diskUse.ts"
import { environment, packBytesMax, uploadMsMax } from "./git.ts"
import { preReceive } from "./hook.ts"

const run = promisify(execFile)

/** So long the repository of a service that is not there (yet, or any more) is let alone. */
const strayMs = 3_600_000

export interface Repository {
  readonly path: string
  /** Where the hook is that all of them have. */
  readonly hooks: string
  /** Of one push. */
  readonly packBytes: number
  /** For one push, or one fetch's questions, to arrive. */
  readonly uploadMs: number
}

const measure = async (path: string): Promise<number> => {
  const { stdout } = await run("git", [`--git-dir=${path}`, "count-objects", "-v"], {
    cwd: "/",
    env: environment,
  })
  const sizes = stdout.matchAll(/^size(?:-pack)?: (\d+)$/gm)
  return Array.from(sizes, ([, kibibytes]) => Number(kibibytes) * 1024).reduce((sum, one) => sum + one, 0)
}

/** Stronger than what is pushed. Git would put words that fill gigabytes in the place of a few of a file's. */
const attributes = "* -export-subst\n"

const init = async (path: string): Promise<void> => {
  const settled = join(path, "info/attributes")
  const made = await stat(settled).then(
    () => true,
    () => false,
  )
  if (made) return
  await mkdir(path, { recursive: true, mode: 0o700 })
  await run("git", ["init", "--quiet", "--bare", "--template=", "--initial-branch=main", path], {
    cwd: "/",
    env: environment,
  })
  await mkdir(join(path, "info"), { recursive: true })
  await writeFile(settled, attributes)
}

/** The services' Git repositories, as `git push` fills them: bare ones in the data folder. */
export class Repositories extends Context.Service<
  Repositories,
  {
    /** That of a service; made when it is not there. */
    readonly of: (organization: OrganizationId, service: ServiceId) => Effect.Effect<Repository>
    /** How much of the disk it takes; what a push has just brought is not counted. */
    readonly bytesOf: (path: string) => Effect.Effect<number>
    /** Why an organization can push nothing more; null: it can. */
    readonly whyNoRoom: (organization: OrganizationId) => Effect.Effect<string | null>
    /** One with nothing in it, for whoever asks before there is one. */
    readonly empty: Effect.Effect<Repository>
    readonly remove: (organization: OrganizationId, service: ServiceId) => Effect.Effect<void>
    /** Removes those of services that are gone, and what was left behind in others. */
    readonly sweep: Effect.Effect<void, SqlError.SqlError, SqlClient.SqlClient>
  }
>()("platform/gitRemotes/Repositories") {
  static readonly layer = Layer.effect(
    Repositories,
    Effect.gen(function* () {
      const { dataFolder, reserveBytes } = yield* ArtifactConfig
      const root = join(dataFolder, "git")
      const hooks = join(root, "hooks")
      const services = join(root, "services")
      yield* Effect.promise(async () => {
        await mkdir(hooks, { recursive: true, mode: 0o700 })
        await mkdir(services, { recursive: true, mode: 0o700 })
        await writeFile(join(hooks, "pre-receive"), preReceive)
        await chmod(join(hooks, "pre-receive"), 0o700)
      })
      const at = (path: string) =>
        Effect.as(
          Effect.promise(() => init(path)),
          { path, hooks, packBytes: packBytesMax, uploadMs: uploadMsMax },
        )
      const pathOf = (organization: string, service: string) => join(services, organization, `${service}.git`)
      const isStray = async (path: string, sinceMs: number) => {
        const found = await stat(path).catch(() => null)
        return found !== null && found.mtimeMs > sinceMs && Date.now() - found.mtimeMs > strayMs
      }
      return Repositories.of({
        of: (organization, service) => at(pathOf(organization, service)),
        bytesOf: (path) => Effect.promise(() => measure(path)),
        whyNoRoom: (organization) =>
          Effect.promise(() => whyNoRoom(join(services, organization), reserveBytes)),
        empty: at(join(root, "empty.git")),
        remove: (organization, service) =>
          Effect.promise(() => rm(pathOf(organization, service), { recursive: true, force: true })),
        sweep: Effect.gen(function* () {
          const sql = yield* SqlClient.SqlClient
          const madeMs = yield* databaseMadeMs
          for (const organization of yield* Effect.promise(() => readdir(services).catch(() => []))) {
            const rows = yield* sql<{
              id: string
            }>`select id from service where organization_id = ${organization}`
            const kept = new Set(rows.map(({ id }) => `${id}.git`))
            yield* Effect.promise(async () => {
              for (const name of await readdir(join(services, organization))) {
                const path = join(services, organization, name)
                if (kept.has(name)) await sweepQuarantines(path)
                else if (await isStray(path, madeMs)) await rm(path, { recursive: true, force: true })
              }
            })
          }
        }),
      })
    }),
  )
}
