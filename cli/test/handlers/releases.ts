import { Api } from "@skypanel/contract/Api"
import type { Sbom } from "@skypanel/contract/Sbom"
import { Effect } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import type { FakeState } from "../FakeState.ts"
import { find } from "./find.ts"

const MiB = 2 ** 20
const libc = (release: number) => ({ versions: [`2.${release}`], bytes: 30 * MiB + release * MiB })

const sbom: Sbom = {
  $schema: "http://cyclonedx.org/schema/bom-1.6.schema.json",
  bomFormat: "CycloneDX",
  specVersion: "1.6",
  serialNumber: "",
  version: 1,
  metadata: {
    timestamp: "",
    tools: { components: [] },
    component: { type: "container", "bom-ref": "release", name: "hello", hashes: [], properties: [] },
  },
  components: [],
  dependencies: [],
}

export const releasesHandlers = (state: FakeState) =>
  HttpApiBuilder.group(Api, "releases", (handlers) =>
    Effect.succeed(
      handlers.handleAll({
        packages: ({ params }) =>
          Effect.as(find(state, params), {
            release: params.number,
            bytes: 40 * MiB,
            packages: [
              { name: "app", version: null, bytes: MiB, paths: 1 },
              { name: "libc", version: "2.1", bytes: 39 * MiB, paths: 2 },
            ],
          }),
        compare: ({ params, query }) =>
          Effect.map(find(state, params), ({ service }) => {
            const [before, after] = [params.number, query.with ?? service.release ?? 0]
            return {
              before,
              after,
              configuration: [
                { field: "environment" as const, variable: "LEVEL", before: null, after: "debug" },
                { field: "port" as const, variable: null, before: "3000", after: "8080" },
              ],
              closure: {
                bytesBefore: 40 * MiB,
                bytesAfter: 41 * MiB,
                packages: [
                  { name: "gone", before: { versions: [null], bytes: MiB }, after: null },
                  { name: "libc", before: libc(before), after: libc(after) },
                ],
                rebuilt: 3,
              },
            }
          }),
        sbom: ({ params }) =>
          Effect.as(find(state, params), { ...sbom, serialNumber: `urn:${params.number}` }),
        provenance: ({ params }) =>
          Effect.as(find(state, params), {
            payloadType: "application/vnd.in-toto+json" as const,
            payload: "e30=",
            signatures: [{ keyid: "platform-1", sig: "AA==" }],
          }),
      }),
    ),
  )

export const signingKeysHandlers = HttpApiBuilder.group(Api, "signingKeys", (handlers) =>
  Effect.succeed(handlers.handle("list", () => Effect.succeed([]))),
)
