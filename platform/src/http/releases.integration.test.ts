import { createPublicKey, verify } from "node:crypto"
import { ReleasesGroup } from "@skypanel/contract/api/ReleasesGroup"
import { SigningKeysGroup } from "@skypanel/contract/api/SigningKeysGroup"
import type { OrganizationId, ReleaseId, ServiceId, UserId } from "@skypanel/contract/Id"
import { Authorization, CurrentUser, InputErrors } from "@skypanel/contract/Session"
import { Effect, Layer } from "effect"
import { HttpRouter, HttpServer } from "effect/http"
import { HttpApi, HttpApiBuilder } from "effect/http-api"
import { SqlClient } from "effect/sql"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { usePostgres } from "../../../test/lab/fixtures.ts"
import { type ArtifactServer, startArtifactServer } from "../../test/artifactServer.ts"
import { add } from "../../test/publisher.ts"
import { storePathOf } from "../../test/upload.ts"
import { Auth } from "../auth/Auth.ts"
import { newId } from "../domain/id.ts"
import { layerInputErrors } from "./inputErrors.ts"
import { layerReleases } from "./releases.ts"
import { layerSigningKeys } from "./signingKeys.ts"

/** What releases are made of, asked for over the API: a real database, and paths in a real artifact store. */

class ReleasesApi extends HttpApi.make("skypanel")
  .add(ReleasesGroup, SigningKeysGroup)
  .prefix("/api/v1")
  .middleware(InputErrors) {}

const organization = newId("org") as OrganizationId
const service = newId("svc") as ServiceId
const user = { id: newId("usr") as UserId, email: "a@example.com", name: "A", administrator: false }

const layerAuth = Layer.succeed(Auth, {
  memberships: () =>
    Effect.succeed([{ id: organization, slug: "acme", name: "Acme", role: "owner" as const }]),
} as never)
const layerSignedIn = Layer.succeed(
  Authorization,
  Authorization.of({
    cookie: (effect) => Effect.provideService(effect, CurrentUser, user),
    bearer: (effect) => Effect.provideService(effect, CurrentUser, user),
  }),
)

const postgres = usePostgres()
let server: ArtifactServer
let api: ReturnType<typeof HttpRouter.toWebHandler>
const run = <A, E>(effect: Effect.Effect<A, E, SqlClient.SqlClient>) =>
  server.runtime.runPromise(effect as Effect.Effect<A, E, never>)

const ask = async (path: string) => {
  const answer = await api.handler(
    new Request(`http://localhost/api/v1/${path}`) as never,
    undefined as never,
  )
  const text = await answer.text()
  return { status: answer.status, text, body: JSON.parse(text) }
}
const get = (path: string) => ask(`organizations/acme/services/web/releases/${path}`)

const insertRelease = (number: number, top: string, more: { port?: number; environment?: object } = {}) =>
  run(
    Effect.flatMap(
      SqlClient.SqlClient,
      (sql) => sql`insert into release (id, organization_id, service_id, number, image_digest, image_bytes,
          store_path, command, source, revision, environment, resources, port)
        values (${newId("rel") as ReleaseId}, ${organization}, ${service}, ${number},
          ${`sha256:${String(number).padStart(64, "0")}`}, 1, ${storePathOf(top).path}, '[]',
          '{"_tag":"git","url":"https://git.example.org/a.git","ref":null}', ${`rev${number}`},
          ${JSON.stringify(more.environment ?? {})}::text::jsonb,
          '{"cpu":1,"memoryBytes":268435456,"storageBytes":67108864}', ${more.port ?? 3000})`,
    ),
  )

beforeAll(async () => {
  server = await startArtifactServer(await postgres().database())
  await add(server, "libc-2.0", [], 20_000)
  await add(server, "libc-2.1", [], 30_000)
  await add(server, "zlib-1.3")
  await add(server, "app-1.0", ["libc-2.0", "zlib-1.3"])
  await add(server, "app-1.1", ["libc-2.1"])
  await run(
    Effect.flatMap(
      SqlClient.SqlClient,
      (
        sql,
      ) => sql`insert into service (id, organization_id, organization_slug, name, source, environment, resources,
          port, host)
        values (${service}, ${organization}, 'acme', 'web', '{"_tag":"template","template":"nodejs"}', '{}',
          '{"cpu":1,"memoryBytes":268435456,"storageBytes":67108864}', 3000, 'web.localhost')`,
    ),
  )
  await insertRelease(1, "app-1.0", { environment: { LEVEL: "info" } })
  await insertRelease(2, "app-1.1", { port: 8080 })
  await insertRelease(3, "app-9.9-collected")
  const services = Layer.succeedContext(await server.runtime.runPromise(Effect.context<never>()))
  api = HttpRouter.toWebHandler(
    HttpApiBuilder.layer(ReleasesApi).pipe(
      Layer.provide([layerReleases, layerSigningKeys]),
      Layer.provide([layerSignedIn, layerInputErrors, layerAuth]),
      Layer.provide(HttpServer.layerServices),
      Layer.provide(services),
    ) as never,
    { disableLogger: true },
  ) as never
}, 60_000)
afterAll(async () => {
  await api?.dispose()
  await server?.close()
})

describe("the packages of a release", () => {
  it("are those of its closure", async () => {
    const { body } = await get("1/packages")
    expect(body).toMatchObject({
      release: 1,
      packages: [
        { name: "app", version: "1.0", paths: 1 },
        { name: "libc", version: "2.0", paths: 1 },
        { name: "zlib", version: "1.3", paths: 1 },
      ],
    })
  })

  it("are not told where the store has them no more, nor of a release that is none", async () => {
    expect((await get("3/packages")).status).toBe(409)
    expect((await get("9/packages")).status).toBe(404)
  })
})

describe("two releases", () => {
  it("are compared by packages and configuration", async () => {
    const { body } = await get("1/compare?with=2")
    expect(body).toMatchObject({
      before: 1,
      after: 2,
      configuration: [
        { field: "environment", variable: "LEVEL", before: "info", after: null },
        { field: "port", before: "3000", after: "8080" },
        { field: "revision", before: "rev1", after: "rev2" },
      ],
      closure: {
        rebuilt: 0,
        packages: [
          { name: "app", before: { versions: ["1.0"] }, after: { versions: ["1.1"] } },
          { name: "libc", before: { versions: ["2.0"] }, after: { versions: ["2.1"] } },
          { name: "zlib", before: { versions: ["1.3"] }, after: null },
        ],
      },
    })
  })

  it("are compared with the one that serves, once one does", async () => {
    expect((await get("1/compare")).status).toBe(409)
    await run(
      Effect.flatMap(
        SqlClient.SqlClient,
        (sql) => sql`update service set current_release_id =
          (select id from release where service_id = ${service} and number = 2)`,
      ),
    )
    expect((await get("1/compare")).body).toMatchObject({ before: 1, after: 2 })
  })

  it("of which one is collected are compared by configuration alone", async () => {
    expect((await get("2/compare?with=3")).body).toMatchObject({
      closure: null,
      configuration: [{ field: "port" }, { field: "revision" }],
    })
  })
})

describe("a release's papers", () => {
  it("are a bill of materials, the same bytes each time", async () => {
    const first = await get("1/sbom")
    expect(first.body).toMatchObject({ bomFormat: "CycloneDX", metadata: { component: { name: "web" } } })
    const { base } = storePathOf("app-1.0")
    expect(
      first.body.dependencies.find(({ ref }: { ref: string }) => ref === base).dependsOn.toSorted(),
    ).toEqual([storePathOf("libc-2.0").base, storePathOf("zlib-1.3").base].toSorted())
    expect((await get("1/sbom")).text).toBe(first.text)
    expect((await get("3/sbom")).status).toBe(409)
  })

  it("are a statement of where it came from, which the published key verifies", async () => {
    const { body: envelope } = await get("2/provenance")
    const { body: keys } = await ask("signing-keys")
    const payload = Buffer.from(envelope.payload, "base64")
    const signed = Buffer.concat([
      Buffer.from(`DSSEv1 ${envelope.payloadType.length} ${envelope.payloadType} ${payload.length} `),
      payload,
    ])
    const [{ keyid, sig }] = envelope.signatures
    const { pem } = keys.find((key: { keyid: string }) => key.keyid === keyid)
    expect(verify(null, signed, createPublicKey(pem), Buffer.from(sig, "base64"))).toBe(true)
    expect(JSON.parse(payload.toString())).toMatchObject({
      subject: [{ name: `${organization}/${service}`, digest: { sha256: "2".padStart(64, "0") } }],
      predicate: { buildDefinition: { resolvedDependencies: [{ digest: { gitCommit: "rev2" } }] } },
    })
  })
})
