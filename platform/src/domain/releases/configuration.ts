import { createHash } from "node:crypto"
import { overrideEntries } from "@skypanel/contract/Overrides"
import type { Release } from "@skypanel/contract/Release"
import type { ConfigurationChange } from "@skypanel/contract/ReleaseComparison"
import { formatSize } from "@skypanel/contract/Resources"
import { describeSource } from "@skypanel/contract/Source"
import { ownValue } from "@skypanel/contract/TemplateOptions"

type Configured = Pick<
  Release,
  | "environment"
  | "secrets"
  | "resources"
  | "port"
  | "healthPath"
  | "replicas"
  | "volume"
  | "source"
  | "revision"
>
type Words = ReadonlyArray<readonly [ConfigurationChange["field"], string | null]>

/** Two sizes that people would read as the same one are told in bytes. */
const size = (bytes: number, other: number): string =>
  bytes !== other && formatSize(bytes) === formatSize(other) ? `${bytes} B` : formatSize(bytes)

/** An expression is known by its digest: the text itself is with the release. */
const sourceWords = ({ source }: Configured): string => {
  const described = describeSource(source)
  if (source._tag === "expression")
    return `${described} ${createHash("sha256").update(source.expression).digest("hex").slice(0, 8)}`
  const overrides = overrideEntries("overrides" in source ? (source.overrides ?? {}) : {})
  return [described, ...overrides.map(([key, value]) => `${key}=${value}`)].join(", ")
}

const whenLost = { wait: "waits for its worker", "start-empty": "starts empty elsewhere" } as const

const volumeWords = ({ volume }: Configured, other: Configured): string | null =>
  volume === null
    ? null
    : `${volume.path}, ${size(volume.sizeBytes, other.volume?.sizeBytes ?? volume.sizeBytes)}, ${whenLost[volume.whenWorkerIsLost]}`

const words = (one: Configured, other: Configured): Words => [
  ["cpu", String(one.resources.cpu)],
  ["memory", size(one.resources.memoryBytes, other.resources.memoryBytes)],
  ["storage", size(one.resources.storageBytes, other.resources.storageBytes)],
  ["port", one.port === null ? null : String(one.port)],
  ["health path", one.healthPath],
  ["replicas", String(one.replicas)],
  ["volume", volumeWords(one, other)],
  ["source", sourceWords(one)],
  ["revision", one.revision],
]

const changesOf = (
  field: "environment" | "secret",
  before: Readonly<Record<string, string>>,
  after: Readonly<Record<string, string>>,
): ReadonlyArray<ConfigurationChange> =>
  Array.from(new Set([...Object.keys(before), ...Object.keys(after)]))
    .sort()
    .map((variable) => ({
      field,
      variable,
      before: ownValue(before, variable) ?? null,
      after: ownValue(after, variable) ?? null,
    }))

/** Of a secret variable nobody is told more than that it is another one. */
const secretWords = ({ secrets }: Configured) =>
  Object.fromEntries(secrets.map(({ name, version }) => [name, `version ${version}`]))

/** From one release's configuration to another's: variables by name first, then the rest. */
export const compareConfiguration = (
  before: Configured,
  after: Configured,
): ReadonlyArray<ConfigurationChange> => {
  const variables = [
    ...changesOf("environment", before.environment, after.environment),
    ...changesOf("secret", secretWords(before), secretWords(after)),
  ]
  const now = new Map(words(after, before))
  const rest = words(before, after).map(([field, text]) => ({
    field,
    variable: null,
    before: text,
    after: now.get(field) ?? null,
  }))
  return [...variables, ...rest].filter((change) => change.before !== change.after)
}
