import type { ArtifactPlan, ArtifactPolicy, ArtifactProgress } from "@skypanel/contract/Artifacts"
import { Clock, Effect } from "effect"
import { SqlClient } from "effect/sql"
import { chooseBurials, orderOfGoing } from "../../domain/artifacts/budget.ts"
import { forgetOutlived } from "../dependencies.ts"
import { buryImages, buryPaths, unreachablePaths } from "./bury.ts"
import { compareFolders } from "./compareFolders.ts"
import { deleteFiles } from "./deleteFiles.ts"
import { deleteImages, deleteLayers, deletePaths } from "./deleteRows.ts"
import { hit } from "./failpoint.ts"
import { patiently } from "./patiently.ts"
import { cutoffOf, filesOfImages, standingImages } from "./standing.ts"

/** Adds to what a run has done. */
export type Report = (done: Partial<ArtifactProgress>) => Effect.Effect<void>

const choose = (policy: ArtifactPolicy, cutoff: Date) =>
  Effect.gen(function* () {
    const images = orderOfGoing(yield* standingImages(policy.keepReleases, cutoff))
    const bounded = policy.totalBytes !== null || policy.organizationBytes !== null
    return chooseBurials(images, bounded ? yield* filesOfImages(images) : [], policy)
  })

/**
 * One collection. First what nothing leads to is buried: the registry and the cache answer for it no more. Then what an
 * earlier one buried, and nobody has wanted for the grace time since, is deleted, from the images down to the files.
 * Each batch is right by itself, so that it may be cut off anywhere.
 */
export const collect = (policy: ArtifactPolicy, report: Report) =>
  Effect.gen(function* () {
    const { cutoff, due } = yield* cutoffOf(policy)
    const { burials, overBytes } = yield* choose(policy, cutoff)
    yield* report({ imagesBuried: yield* buryImages(burials, cutoff) })
    yield* hit("images-buried")
    yield* forgetOutlived
    yield* buryPaths(yield* unreachablePaths(cutoff), cutoff, (pathsBuried) => report({ pathsBuried }))
    yield* hit("paths-buried")
    yield* deleteImages(due, (imagesDeleted) => report({ imagesDeleted }))
    yield* hit("images-deleted")
    yield* deleteLayers(cutoff, (layersDeleted) => report({ layersDeleted }))
    yield* hit("layers-deleted")
    yield* deletePaths(due, (pathsDeleted) => report({ pathsDeleted }))
    yield* hit("paths-deleted")
    yield* deleteFiles(cutoff, (filesDeleted, bytesDeleted) => report({ filesDeleted, bytesDeleted }))
    yield* hit("files-deleted")
    yield* compareFolders(yield* Clock.currentTimeMillis, (orphansDeleted, damaged) =>
      report({ orphansDeleted, damaged }),
    )
    return { overBytes }
  })

interface DueRow {
  readonly paths: number
  readonly bytes: number
}

/** What a collection would do now, without doing it. */
export const plan = (policy: ArtifactPolicy) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const { cutoff, due } = yield* cutoffOf(policy)
    const { burials, overBytes } = yield* choose(policy, cutoff)
    const paths = yield* unreachablePaths(
      cutoff,
      burials.map(({ image }) => image),
    )
    const services = yield* sql<{ id: string; name: string; organization: string }>`
      select id, name, organization_slug as organization from service where id in (
        select json_array_elements_text(${JSON.stringify(burials.map(({ image }) => image.serviceId))}::text::json))`
    const nameOf = new Map(services.map((service) => [service.id, service]))
    const [waiting] = yield* patiently(sql<DueRow>`
      select count(*)::float8 as paths, coalesce(sum(n.file_size), 0)::float8 as bytes
      from store_path p join nar n using (file_hash) where p.collected_at < ${due}`)
    return {
      images: burials.map(({ image, reason }) => ({
        organization: nameOf.get(image.serviceId)?.organization ?? image.organizationId,
        service: nameOf.get(image.serviceId)?.name ?? image.serviceId,
        releases: image.releases,
        imageDigest: image.digest,
        reason,
      })),
      largest: [...paths]
        .sort((a, b) => b.bytes - a.bytes)
        .slice(0, 100)
        .map(({ base, bytes }) => ({ storePath: base, bytes })),
      paths: paths.length,
      bytes: paths.reduce((sum, path) => sum + path.bytes, 0),
      duePaths: waiting!.paths,
      dueBytes: waiting!.bytes,
      overBytes,
    } satisfies ArtifactPlan
  })
