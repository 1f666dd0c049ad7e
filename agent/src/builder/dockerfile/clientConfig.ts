import type { RegistryAccess } from "@skypanel/contract/BuildAssignment"
import { dockerHub } from "@skypanel/contract/image/ImageReference"

/** What Docker Hub is called in there, and nowhere else. */
const hubKey = "https://index.docker.io/v1/"

/** A Docker client's `config.json`: it answers BuildKit for each registry by its host (`auths` in docker-config(5)). */
export const clientConfig = (registries: ReadonlyArray<RegistryAccess>): string =>
  JSON.stringify({
    auths: Object.fromEntries(
      registries.map(({ registry, username, password }) => [
        registry === dockerHub ? hubKey : registry,
        { auth: Buffer.from(`${username}:${password}`).toString("base64") },
      ]),
    ),
  })
