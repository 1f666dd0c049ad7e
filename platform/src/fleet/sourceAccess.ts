import type { RegistryAccess, SourceAccess } from "@skypanel/contract/BuildAssignment"
import type { OrganizationId } from "@skypanel/contract/Id"
import { Effect } from "effect"
import { Sealing } from "../sealing/Sealing.ts"
import { registryOf, sealedForRegistry, sealedRegistries } from "../store/Registries.ts"
import { type AccessRow, originOf } from "../store/Repositories.ts"

/** The organization's credentials for this registry, or for all of them. */
const opened = (organization: OrganizationId, registry: string | null) =>
  Effect.gen(function* () {
    const sealing = yield* Sealing
    const found: Array<RegistryAccess> = []
    for (const row of yield* sealedRegistries(organization, registry)) {
      const about = sealedForRegistry(organization, row.registry)
      const password = sealing.open({ sealed: row.sealed, key: row.sealing_key }, about)
      if (password !== null) found.push({ registry: row.registry, username: row.username, password })
      else
        yield* Effect.logError(
          `the credential of ${organization} for ${row.registry} does not open: it was sealed with another key`,
        )
    }
    return found
  })

/** For the registry that the image is of, and for no other. */
const registryAccess = (row: AccessRow, registry: string) =>
  Effect.map(opened(row.organization_id, registry), ([found]): SourceAccess | null =>
    found === undefined ? null : { _tag: "token", username: found.username, token: found.password },
  )

/** What a build may fetch base images with: only of a repository or a folder, where a Dockerfile may be. */
export const baseImageAccess = ({ source, organization_id }: AccessRow) =>
  source._tag === "git" || source._tag === "folder"
    ? opened(organization_id, null)
    : Effect.succeed<ReadonlyArray<RegistryAccess>>([])

/** What the one build may fetch its source with: nothing where the credential is for another host than the source's. */
export const accessOf = (row: AccessRow) =>
  Effect.gen(function* () {
    const registry = registryOf(row.source)
    if (registry !== null) return yield* registryAccess(row, registry)
    const sealing = yield* Sealing
    const { sealed, sealing_key: key } = row
    if (sealed === null || key === null || row.credential_origin !== originOf(row.source)) return null
    const about = [row.organization_id, row.sealed_for, "credential"]
    const secret = sealing.open({ sealed, key }, about)
    if (secret === null) {
      yield* Effect.logError(
        `the credential of ${row.sealed_for} does not open: it was sealed with another key, or for another service`,
      )
      return null
    }
    return row.credential_kind === "token"
      ? ({ _tag: "token", username: row.username ?? "", token: secret } satisfies SourceAccess)
      : ({ _tag: "key", privateKey: secret, knownHosts: row.known_hosts ?? [] } satisfies SourceAccess)
  })
