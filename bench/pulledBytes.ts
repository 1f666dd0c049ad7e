import { Readable } from "node:stream"
import type { Service } from "@skypanel/contract/Service"
import { Effect, Layer, Redacted } from "effect"
import { ArtifactConfig } from "../platform/src/artifacts/ArtifactConfig.ts"
import { compressors, leastBytes } from "../platform/src/artifacts/http/contentEncoding.ts"
import { RegistryCredential } from "../platform/src/artifacts/RegistryCredential.ts"
import type { Development } from "./development.ts"

interface Descriptor {
  readonly digest: string
  readonly size: number
}
interface Manifest {
  readonly config: Descriptor
  readonly layers: ReadonlyArray<Descriptor>
}

const credentialOf = (secret: string, name: string) =>
  Effect.runPromise(
    Effect.map(RegistryCredential, (credentials) => credentials.forRepository(name)).pipe(
      Effect.provide(
        RegistryCredential.layer.pipe(
          Layer.provide(ArtifactConfig.layer({ dataFolder: "/nowhere", secret: Redacted.make(secret) })),
        ),
      ),
    ),
  )

/** As the registry sends a layer to an engine on another machine that takes gzip, as Debian's does. */
const onTheWire = async ({ body }: Response, size: number): Promise<number> => {
  if (body === null || size < leastBytes) return size
  let bytes = 0
  for await (const piece of Readable.fromWeb(body as never).pipe(compressors.gzip())) bytes += piece.length
  return bytes
}

/** Reads the repository of a service in the registry. */
export const repositoryOf = async ({ url, secret }: Development, service: Service) => {
  const name = `${service.organizationId}/${service.id}`
  const { username, password } = await credentialOf(secret, name)
  const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`
  const ask = async (path: string) => {
    const answer = await fetch(`${url}/v2/${name}/${path}`, {
      headers: { authorization, "accept-encoding": "identity" },
    })
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`)
    return answer
  }
  return {
    newest: async () => (await (await ask("manifests/latest")).json()) as Manifest,
    blob: (digest: string) => ask(`blobs/${digest}`),
  }
}

/**
 * Looks at the newest image of a service each time that it is asked: how many bytes of configuration and layers an
 * engine has to fetch that has the image of the time before.
 */
export const startPulledBytes = async (development: Development, service: Service) => {
  const repository = await repositoryOf(development, service)
  let before = new Set<string>()
  return async (): Promise<number> => {
    const { config, layers } = await repository.newest()
    let bytes = before.has(config.digest) ? 0 : config.size
    for (const { digest, size } of layers)
      if (!before.has(digest)) bytes += await onTheWire(await repository.blob(digest), size)
    before = new Set([config, ...layers].map(({ digest }) => digest))
    return bytes
  }
}
