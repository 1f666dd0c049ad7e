import type { OrganizationId, ServiceId } from "@skypanel/contract/Id"
import fc from "fast-check"
import { afterAll, beforeAll, expect, it } from "vitest"
import { usePostgres } from "../../../../test/lab/fixtures.ts"
import { type ArtifactServer, startArtifactServer } from "../../../test/artifactServer.ts"
import { addRelease, addService, age, collectNow, query } from "../../../test/collection.ts"
import { storePathOf } from "../../../test/upload.ts"
import { planRetention } from "./retention.ts"

const postgres = usePostgres()
let server: ArtifactServer
beforeAll(async () => {
  server = await startArtifactServer(await postgres().database())
})
afterAll(() => server.close())

const pathCount = 10
const base = (index: number) => storePathOf(`path-${index}`).base

interface Scene {
  /** Of each path: which earlier ones it refers to. */
  readonly references: ReadonlyArray<ReadonlyArray<number>>
  /** Of each release of the one service: its image's top, what else is in the image's layers, and how it ended. */
  readonly releases: ReadonlyArray<{
    readonly top: number
    readonly dead: number
    readonly status: "live" | "failed" | null
    readonly pinned: boolean
  }>
  readonly keepReleases: number
  /** What the service itself keeps, though there were room for more; null: nothing is said of it. */
  readonly retained: number | null
  readonly overBudget: boolean
  readonly pinned: ReadonlyArray<number>
  readonly wanted: ReadonlyArray<number>
  /** What the service's newest build has used besides, long ago. */
  readonly used: ReadonlyArray<number>
  /** What a build of an unfinished deployment made. */
  readonly built: number | null
}

const scene: fc.Arbitrary<Scene> = fc.record({
  references: fc.tuple(
    ...Array.from({ length: pathCount }, (_, index) =>
      index === 0 ? fc.constant([]) : fc.uniqueArray(fc.nat(index - 1), { maxLength: 3 }),
    ),
  ),
  releases: fc.array(
    fc.record({
      top: fc.nat(pathCount - 1),
      dead: fc.nat(pathCount - 1),
      status: fc.constantFrom("live" as const, "failed" as const, null),
      pinned: fc.boolean(),
    }),
    { maxLength: 5 },
  ),
  keepReleases: fc.integer({ min: 1, max: 3 }),
  retained: fc.option(fc.integer({ min: 2, max: 4 })),
  overBudget: fc.boolean(),
  pinned: fc.uniqueArray(fc.nat(pathCount - 1), { maxLength: 1 }),
  wanted: fc.uniqueArray(fc.nat(pathCount - 1), { maxLength: 1 }),
  used: fc.uniqueArray(fc.nat(pathCount - 1), { maxLength: 2 }),
  built: fc.option(fc.nat(pathCount - 1)),
})

/** Which paths stay, worked out as simply as can be. */
const mark = (given: Scene): ReadonlySet<number> => {
  const { releases } = given
  const live = releases.flatMap(({ status }, index) => (status === "live" ? [index] : []))
  // The one that serves, and the one that served before it.
  const stays = new Set(live.slice(-2))
  releases.forEach(({ status, pinned }, index) => {
    const roomForAll = !given.overBudget && given.retained === null
    const newest = index >= releases.length - (given.retained ?? given.keepReleases)
    if (roomForAll || status === null || pinned || newest) stays.add(index)
  })
  const reached = new Set<number>()
  const visit = (index: number): void => {
    if (reached.has(index)) return
    reached.add(index)
    given.references[index]!.forEach(visit)
  }
  for (const index of stays) [releases[index]!.top, releases[index]!.dead].forEach(visit)
  const built = given.built === null ? [] : [given.built]
  for (const index of [...given.pinned, ...given.wanted, ...given.used, ...built]) visit(index)
  return reached
}

const addImage = async (digest: string, top: number, paths: ReadonlyArray<number>) => {
  const layer = `layer-${digest}`
  await query(server, "insert into layer (digest, key, size) values ($1, $1, 1)", [layer])
  for (const [position, index] of [...new Set(paths)].entries())
    await query(server, "insert into layer_path (digest, position, base, tar_size) values ($1, $2, $3, 1)", [
      layer,
      position,
      base(index),
    ])
  await query(server, "insert into layer_chain (chain, parent, digest) values ($1, '', $1)", [layer])
  await query(
    server,
    `insert into image (organization_id, service_id, digest, key, config_digest, manifest, config, store_path, total_bytes, new_bytes)
     values ('org_1', 'svc_1', $1, $1, '', '', '', $2, 0, 0)`,
    [digest, base(top)],
  )
  await query(
    server,
    `insert into image_layer (organization_id, service_id, image_digest, position, layer_digest, chain, new)
     values ('org_1', 'svc_1', $1, 0, $2, $2, true)`,
    [digest, layer],
  )
}

const closure = (given: Scene, from: number): ReadonlyArray<number> => [
  from,
  ...given.references[from]!.flatMap((index) => closure(given, index)),
]

const lay = async (given: Scene) => {
  await query(
    server,
    "truncate artifact_pin, image_layer, image, layer_chain, layer_path, layer, store_reference, store_path, nar, build, release, deployment, deployment_step, placement, instance, service cascade",
  )
  for (const [index, references] of given.references.entries()) {
    const hash = index.toString(16).padStart(64, "0")
    await query(
      server,
      "insert into nar (file_hash, file_size, nar_hash, nar_size) values ($1, 10, $1, 10)",
      [hash],
    )
    await query(
      server,
      `insert into store_path (base, hash, file_hash, nar_hash, nar_size, substituted, uploaded_by)
       values ($1, left($1, 32), $2, $2, 10, false, '')`,
      [base(index), hash],
    )
    for (const reference of references)
      await query(server, "insert into store_reference values ($1, $2)", [base(index), base(reference)])
  }
  await addService(server, "svc_1")
  await query(server, "update service set kept_releases = $1", [given.retained])
  for (const [index, release] of given.releases.entries()) {
    await addImage(`image-${index}`, release.top, [...closure(given, release.top), release.dead])
    const id = await addRelease(server, "svc_1", index + 1, `image-${index}`, release.status)
    if (release.pinned)
      await query(
        server,
        "insert into artifact_pin (id, release_id, reason, created_by) values ($1, $1, '', '')",
        [id],
      )
  }
  if (given.built !== null) {
    await query(
      server,
      `insert into deployment (id, organization_id, service_id, number, trigger, source, environment, resources, port)
       values ('dep_built', 'org_1', 'svc_1', 100, 'deploy', '{}', '{}', '{}', 1)`,
    )
    await query(
      server,
      `insert into build (id, organization_id, deployment_id, result, created_at) values ('bld_1', 'org_1', 'dep_built',
        jsonb_build_object('storePath', '/nix/store/' || $1::text), now() - interval '30 days')`,
      [base(given.built)],
    )
  }
  await age(server, 24 * 100)
  for (const index of given.pinned)
    await query(
      server,
      "insert into artifact_pin (id, store_path, reason, created_by) values ('pin', $1, '', '')",
      [base(index)],
    )
  for (const index of given.used)
    await query(
      server,
      `insert into service_dependency (service_id, organization_id, base, used_at)
       values ('svc_1', 'org_1', $1, '2020-01-01')`,
      [base(index)],
    )
  for (const index of given.wanted)
    await query(server, "update store_path set wanted_at = now() where base = $1", [base(index)])
}

const names = async (where: string) =>
  (await query<{ base: string }>(server, `select base from store_path where ${where}`))
    .map((row) => row.base)
    .sort()

const namesOf = (releases: ReadonlyArray<number>) => releases.map((number) => `image-${number - 1}`).sort()

it("says before what a service would let go of, and then lets go of that", async () => {
  await fc.assert(
    fc.asyncProperty(scene, fc.integer({ min: 2, max: 4 }), async (given, retained) => {
      await lay({ ...given, retained: null })
      const { releases, bytes } = await server.runtime.runPromise(
        planRetention("org_1" as OrganizationId, "svc_1" as ServiceId, retained),
      )
      await query(server, "update service set kept_releases = $1", [retained])
      await collectNow(server, { totalBytes: null })
      const buried = await query<{ digest: string }>(
        server,
        "select digest from image where collected_at is not null order by 1",
      )
      expect(buried.map(({ digest }) => digest)).toEqual(namesOf(releases))
      // Ten bytes for each path that no image which stays has in its layers.
      const left = await query<{ bytes: number }>(
        server,
        `select 10 * count(distinct p.base)::int as bytes from image i join image_layer il on il.image_digest = i.digest
          join layer_path p on p.digest = il.layer_digest where i.collected_at is not null and p.base not in (
            select p.base from image i join image_layer il on il.image_digest = i.digest
              join layer_path p on p.digest = il.layer_digest where i.collected_at is null)`,
      )
      expect(bytes).toBe(left[0]!.bytes)
    }),
    { numRuns: 10 },
  )
}, 60_000)

it("buries and deletes exactly what nothing leads to", async () => {
  await fc.assert(
    fc.asyncProperty(scene, async (given) => {
      await lay(given)
      const policy = { keepReleases: given.keepReleases, totalBytes: given.overBudget ? 0 : null }
      const stays = [...mark(given)].map(base).sort()
      await collectNow(server, policy)
      expect(await names("collected_at is null")).toEqual(stays)
      await query(server, "update store_path set collected_at = collected_at - interval '2 days'")
      await query(server, "update image set collected_at = collected_at - interval '2 days'")
      await collectNow(server, policy)
      expect(await names("true")).toEqual(stays)
      const [files] = await query<{ count: number }>(server, "select count(*)::int as count from nar")
      expect(files!.count).toBe(stays.length)
    }),
    { numRuns: 15 },
  )
}, 120_000)
