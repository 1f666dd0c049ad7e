import type { ReleaseComparison, ReleasePackages } from "@skypanel/contract/ReleaseComparison"
import type { Envelope, Sbom } from "@skypanel/contract/Sbom"
import { call, client } from "./client.ts"

export const readPackages = (
  organization: string,
  service: string,
  number: number,
  signal?: AbortSignal,
): Promise<ReleasePackages> =>
  call(client.releases.packages({ params: { organization, service, number } }), signal)

export const compareReleases = (
  organization: string,
  service: string,
  before: number,
  after: number,
  signal?: AbortSignal,
): Promise<ReleaseComparison> =>
  call(
    client.releases.compare({ params: { organization, service, number: before }, query: { with: after } }),
    signal,
  )

export const readSbom = (organization: string, service: string, number: number): Promise<Sbom> =>
  call(client.releases.sbom({ params: { organization, service, number } }))

export const readProvenance = (organization: string, service: string, number: number): Promise<Envelope> =>
  call(client.releases.provenance({ params: { organization, service, number } }))
