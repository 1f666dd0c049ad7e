import type {
  ArtifactPin,
  ArtifactPolicy,
  ArtifactRun,
  ArtifactStatus,
  ReleaseName,
} from "@skypanel/contract/Artifacts"
import type { PinRequest } from "@skypanel/contract/api/ArtifactsGroup"
import { formatSize, parseSize } from "@skypanel/contract/Resources"
import { binarySteps, type Series } from "./samples.ts"
import type { FieldIssue } from "./serviceForm.ts"
import { counted } from "./workerUse.ts"

/** How the store grew, for a chart. */
export const growthSeries = ({ growth }: ArtifactStatus): Series => ({
  title: "Size",
  times: growth.map(({ at }) => Date.parse(at) / 1000),
  values: growth.map(({ fileBytes }) => fileBytes),
  most: null,
  steps: binarySteps,
  format: formatSize,
})

/** The share of requests that the store had something for; null when it was not asked. */
export const hitRate = (
  { traffic }: Pick<ArtifactStatus, "traffic">,
  kind: ArtifactStatus["traffic"][number]["kind"],
): { readonly share: number; readonly asked: number } | null => {
  const found = traffic.find((one) => one.kind === kind)
  const asked = (found?.hits ?? 0) + (found?.misses ?? 0)
  return found === undefined || asked === 0 ? null : { share: found.hits / asked, asked }
}

/** What a run did, as a sentence's end. */
export const workOf = ({ kind, progress }: ArtifactRun): string =>
  kind === "verification"
    ? `${counted(progress.filesRead, "file")} read (${formatSize(progress.bytesRead)}), ${progress.damaged} found damaged`
    : `${counted(progress.pathsBuried, "path")} and ${counted(progress.imagesBuried, "image")} buried, ${counted(progress.filesDeleted, "file")} deleted (${formatSize(progress.bytesDeleted)})`

export const nameOfRelease = ({ organization, service, number }: ReleaseName): string =>
  `${organization}/${service}:${number}`

export const keptBy = (pin: ArtifactPin): string =>
  pin.release === null ? (pin.storePath ?? "") : nameOfRelease(pin.release)

/** `acme/web:3` is a release, anything else a store path. */
export const readPinTarget = (typed: string): PinRequest["target"] => {
  const text = typed.trim()
  const [, organization, service, number] = /^([a-z0-9-]+)\/([a-z0-9-]+):(\d{1,9})$/.exec(text) ?? []
  return organization === undefined
    ? { storePath: text }
    : { release: { organization, service: service!, number: Number(number) } }
}

/** The policy as it is typed; an empty budget is none. */
export interface KeepForm {
  readonly totalBytes: string
  readonly organizationBytes: string
  readonly keepReleases: string
  readonly graceHours: string
  readonly everyHours: string
}

const sizeText = (bytes: number | null) => (bytes === null ? "" : formatSize(bytes))

export const formOfKeep = (policy: ArtifactPolicy): KeepForm => ({
  totalBytes: sizeText(policy.totalBytes),
  organizationBytes: sizeText(policy.organizationBytes),
  keepReleases: String(policy.keepReleases),
  graceHours: String(policy.graceHours),
  everyHours: String(policy.everyHours),
})

/** What was typed, read; the contract has yet to judge it. */
export const readKeep = (
  form: KeepForm,
): { readonly request: ArtifactPolicy; readonly issues: readonly FieldIssue[] } => {
  const issues: FieldIssue[] = []
  const bytes = (path: "totalBytes" | "organizationBytes") => {
    const text = form[path].trim()
    if (text === "") return null
    const size = parseSize(text)
    if (size === null) issues.push({ path, message: "Write a size such as 200 GiB, or nothing." })
    return size
  }
  const whole = (path: "keepReleases" | "graceHours" | "everyHours") => {
    const text = form[path].trim()
    if (!/^\d{1,6}$/.test(text)) issues.push({ path, message: "Write a whole number." })
    return Number(text)
  }
  const request = {
    totalBytes: bytes("totalBytes"),
    organizationBytes: bytes("organizationBytes"),
    keepReleases: whole("keepReleases"),
    graceHours: whole("graceHours"),
    everyHours: whole("everyHours"),
  }
  return { request, issues }
}
