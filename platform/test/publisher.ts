import { createCipheriv } from "node:crypto"
import { Effect } from "effect"
import { Images, type Publication } from "../src/artifacts/Images.ts"
import { RegistryCredential } from "../src/artifacts/RegistryCredential.ts"
import { directory, file } from "../src/domain/artifacts/nar.ts"
import type { ArtifactServer } from "./artifactServer.ts"
import { push, storePathOf, treeUpload } from "./upload.ts"

export const organizationId = "org_1"
export const repository = (serviceId: string) => `${organizationId}/${serviceId}`

/** Publishes the path that `add` added under this name. */
export const publish = (
  server: ArtifactServer,
  serviceId: string,
  name: string,
  more: Partial<Publication> = {},
) =>
  server.runtime.runPromise(
    Effect.flatMap(Images, (images) =>
      images.publish({
        organizationId,
        serviceId,
        storePath: storePathOf(name).path,
        command: [`${storePathOf(name).path}/bin/run`],
        ...more,
      }),
    ),
  )

/** Text that hardly compresses, the same each time. */
const filler = (length: number): string =>
  createCipheriv("aes-128-ctr", Buffer.alloc(16), Buffer.alloc(16))
    .update(Buffer.alloc(Math.ceil(length * 0.75)))
    .toString("base64")
    .slice(0, length)

/** Adds a path with a program in it that refers to the others. */
export const add = (
  server: ArtifactServer,
  name: string,
  references: ReadonlyArray<string> = [],
  size = 10,
) => {
  const paths = references.map(storePathOf)
  const program = file(`${paths.map((path) => path.path).join(" ")} ${filler(size)}`, true)
  return push(server.pushUrl, treeUpload(name, directory({ bin: directory({ run: program }) }), paths))
}

export const credentialOf = (server: ArtifactServer, name: string) =>
  server.runtime.runPromise(Effect.map(RegistryCredential, (service) => service.forRepository(name)))

/** Asks the registry with the credential of a repository, or with none. */
export const getFromRegistry = async (
  server: ArtifactServer,
  path: string,
  as: string | null,
  headers: Record<string, string> = {},
  method = "GET",
) => {
  const credential = as === null ? null : await credentialOf(server, as)
  const basic = credential && Buffer.from(`${credential.username}:${credential.password}`).toString("base64")
  return fetch(`${server.url}/v2/${path}`, {
    method,
    headers: { ...(basic === null ? {} : { Authorization: `Basic ${basic}` }), ...headers },
  })
}

/** Paths of three applications on one runtime. */
export const addApplications = async (server: ArtifactServer) => {
  await add(server, "libc-2.0", [], 20_000_000)
  await add(server, "runtime-1.0", ["libc-2.0"], 9_000_000)
  for (const name of ["shop", "shop-next", "blog"]) await add(server, name, ["runtime-1.0", "libc-2.0"])
}
