import type { SourceAccess } from "@skypanel/contract/AgentProtocol"
import { Effect } from "effect"
import { Sealing } from "../sealing/Sealing.ts"
import { registryOf, sealedForRegistry, sealedRegistry } from "../store/Registries.ts"
import { type AccessRow, originOf } from "../store/Repositories.ts"

/** The organization's credential for the registry that the image is of, and of no other. */
const registryAccess = (row: AccessRow, registry: string) =>
  Effect.gen(function* () {
    const sealing = yield* Sealing
    const found = yield* sealedRegistry(row.organization_id, registry)
    if (found === null) return null
    const { username, sealed, sealing_key: key } = found
    const token = sealing.open({ sealed, key }, sealedForRegistry(row.organization_id, registry))
    if (token !== null) return { _tag: "token", username, token } satisfies SourceAccess
    yield* Effect.logError(
      `the credential of ${row.organization_id} for ${registry} does not open: it was sealed with another key`,
    )
    return null
  })

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
