import { existsSync, mkdtempSync, rmSync, utimesSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { OrganizationId, ServiceId } from "@skypanel/contract/Id"
import { Effect, Layer, ManagedRuntime, Redacted } from "effect"
import { SqlClient } from "effect/sql"
import { afterAll, expect, it } from "vitest"
import { usePostgres } from "../../../test/lab/fixtures.ts"
import { storeFor } from "../../test/store.ts"
import { ArtifactConfig } from "../artifacts/ArtifactConfig.ts"
import { Repositories } from "./Repositories.ts"

const postgres = usePostgres()
const dataFolder = mkdtempSync(join(tmpdir(), "skypanel-repositories-"))
const acme = "org_acme" as OrganizationId

let close = async () => {}
afterAll(async () => {
  await close()
  rmSync(dataFolder, { recursive: true, force: true })
})

it("the sweep removes repositories of services that are gone, and none that another database may know", async () => {
  const runtime = ManagedRuntime.make(
    Repositories.layer.pipe(
      Layer.provideMerge(ArtifactConfig.layer({ dataFolder, secret: Redacted.make("secret") })),
      Layer.provideMerge(storeFor(await postgres().database())),
    ),
  )
  close = () => runtime.dispose()
  const made = (service: string) =>
    runtime.runPromise(
      Effect.flatMap(Repositories, ({ of }) => of(acme, service as ServiceId)).pipe(
        Effect.map(({ path }) => path),
      ),
    )
  const sweep = () => runtime.runPromise(Effect.flatMap(Repositories, (repositories) => repositories.sweep))
  const change = (statement: string) =>
    runtime.runPromise(Effect.flatMap(SqlClient.SqlClient, (sql) => sql.unsafe(statement)))
  await change(`insert into service (id, organization_id, organization_slug, name, source, environment, resources, port,
    host) values ('svc_kept', '${acme}', 'acme', 'kept', '{}', '[]', '{}', 80, 'kept')`)
  const [kept, gone, young] = [await made("svc_kept"), await made("svc_gone"), await made("svc_young")]
  const twoHoursAgo = new Date(Date.now() - 2 * 3_600_000)
  for (const path of [kept, gone]) utimesSync(path, twoHoursAgo, twoHoursAgo)
  await sweep()
  expect([kept, gone, young].map(existsSync)).toEqual([true, true, true])
  await change("update skypanel_migrations set created_at = now() - interval '1 day'")
  await sweep()
  expect([kept, gone, young].map(existsSync)).toEqual([true, false, true])
})
