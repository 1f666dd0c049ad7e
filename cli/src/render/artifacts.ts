import type {
  ArtifactDamage,
  ArtifactPin,
  ArtifactPlan,
  ArtifactPolicy,
  ArtifactRun,
  ArtifactStatus,
  ArtifactUse,
  ReleaseName,
} from "@skypanel/contract/Artifacts"
import type { Repair } from "@skypanel/contract/api/ArtifactsGroup"
import { formatSize } from "@skypanel/contract/Resources"
import { shortDigest } from "@skypanel/contract/shortDigest"
import { chart, highestOfSpans } from "./chart.ts"
import { fieldLines } from "./fields.ts"
import { table } from "./table.ts"
import { oneLine } from "./text.ts"
import { formatAgo } from "./time.ts"
import type { View } from "./view.ts"

const dayMs = 86_400_000

const releaseWords = ({ organization, service, number }: ReleaseName) =>
  `${organization}/${service}:${number}`

const counted = (count: number, what: string) => `${count} ${what}${count === 1 ? "" : "s"}`

const share = (hits: number, misses: number) =>
  hits + misses === 0
    ? "not asked"
    : `${((100 * hits) / (hits + misses)).toFixed(1)} % of ${hits + misses} requests in 7 days`

const workWords = ({ kind, progress }: ArtifactRun): string =>
  kind === "verification"
    ? `read ${counted(progress.filesRead, "file")} (${formatSize(progress.bytesRead)}), found ${progress.damaged} damaged`
    : `buried ${counted(progress.pathsBuried, "path")} and ${counted(progress.imagesBuried, "image")}, deleted ${counted(progress.filesDeleted, "file")} (${formatSize(progress.bytesDeleted)})`

/** One line: what it is, how it stands, what it did. */
export const runWords = (run: ArtifactRun): string => {
  const end = { running: "goes on", done: "is done", failed: "failed" }[run.state]
  return oneLine(`The ${run.kind} ${end}: ${workWords(run)}.${run.message === "" ? "" : ` ${run.message}`}`)
}

export const pinList = (pins: ReadonlyArray<ArtifactPin>, view: View): ReadonlyArray<string> =>
  pins.length === 0
    ? ["Nothing is pinned."]
    : table<ArtifactPin>(
        [
          { title: "PIN", cell: (pin) => pin.id },
          {
            title: "KEEPS",
            cell: (pin) => (pin.release === null ? pin.storePath! : releaseWords(pin.release)),
            shrink: true,
          },
          { title: "SINCE", cell: (pin) => formatAgo(pin.createdAt, view.now) },
          { title: "BY", cell: (pin) => pin.createdBy, spare: 1 },
          { title: "REASON", cell: (pin) => pin.reason, wraps: true },
        ],
        pins,
        { width: view.width, head: view.style.dim },
      )

const bound = (bytes: number | null) => (bytes === null ? "no bound" : formatSize(bytes))

export const keepWords = (policy: ArtifactPolicy, { style }: View): ReadonlyArray<string> =>
  fieldLines(
    [
      ["Whole store", bound(policy.totalBytes)],
      ["Each organization", bound(policy.organizationBytes)],
      ["Releases kept", `the newest ${policy.keepReleases} of each service, whatever the budget says`],
      ["Grace time", `${policy.graceHours} h`],
      ["Collection", `every ${policy.everyHours} h`],
    ],
    style,
  )

const damageList = (damage: ReadonlyArray<ArtifactDamage>, view: View): ReadonlyArray<string> =>
  damage.length === 0
    ? []
    : table<ArtifactDamage>(
        [
          { title: "DAMAGE", cell: ({ kind }) => kind, paint: (text) => view.style.red(text) },
          { title: "SEEN", cell: ({ seenAt }) => formatAgo(seenAt, view.now) },
          { title: "STORE PATH", cell: ({ storePaths }) => storePaths.join(", "), shrink: true },
          { title: "NEEDED BY", cell: ({ releases }) => releases.map(releaseWords).join(", "), wraps: true },
        ],
        damage,
        { width: view.width, head: view.style.dim },
      )

const useList = (uses: ReadonlyArray<ArtifactUse>, view: View): ReadonlyArray<string> =>
  uses.length === 0
    ? []
    : table<ArtifactUse>(
        [
          { title: "ORGANIZATION", cell: (use) => use.organization },
          { title: "IMAGES", cell: (use) => String(use.images), align: "right" },
          { title: "ITS OWN", cell: (use) => formatSize(use.uniqueBytes), align: "right" },
          { title: "SHARED", cell: (use) => formatSize(use.sharedBytes), align: "right" },
        ],
        uses,
        { width: view.width, head: view.style.dim },
      )

const growthWords = ({ growth }: ArtifactStatus, now: number): string => {
  if (growth.length === 0) return ""
  const points = growth.map(({ at, fileBytes }) => ({ at: Date.parse(at), value: fileBytes }))
  const values = highestOfSpans(points, { from: now - 30 * dayMs, to: now }, 30)
  return `${chart(values, Math.max(...points.map(({ value }) => value)))} in 30 days`
}

const paragraphs = (...parts: ReadonlyArray<ReadonlyArray<string>>): ReadonlyArray<string> =>
  parts.filter((part) => part.length > 0).flatMap((part, at) => (at === 0 ? part : ["", ...part]))

export const statusWords = (status: ArtifactStatus, view: View): ReadonlyArray<string> => {
  const { traffic } = status
  const rate = (kind: string) => {
    const found = traffic.find((one) => one.kind === kind)
    return share(found?.hits ?? 0, found?.misses ?? 0)
  }
  const { totalBytes } = status.policy
  return paragraphs(
    fieldLines(
      [
        [
          "Size",
          `${formatSize(status.fileBytes)} in ${status.files} files${totalBytes === null ? "" : ` of ${formatSize(totalBytes)}`}`,
        ],
        ["Free on its disk", status.freeBytes === null ? "" : formatSize(status.freeBytes)],
        ["Growth", growthWords(status, view.now)],
        [
          "Paths",
          `${status.paths}, of which ${status.buriedPaths} buried (${formatSize(status.buriedBytes)})`,
        ],
        ["Had, of paths", rate("narinfo")],
        ["of archives", rate("nar")],
        ["of layers", rate("blob")],
        ["Pins", String(status.pins.length)],
      ],
      view.style,
    ),
    useList(status.organizations, view),
    damageList(status.damage, view),
    status.runs.slice(0, 5).map((run) => `${formatAgo(run.startedAt, view.now)}: ${runWords(run)}`),
  )
}

export const planWords = (plan: ArtifactPlan, view: View): ReadonlyArray<string> => {
  const images =
    plan.images.length === 0
      ? []
      : table<ArtifactPlan["images"][number]>(
          [
            { title: "IMAGE", cell: ({ imageDigest }) => shortDigest(imageDigest) },
            { title: "SERVICE", cell: ({ organization, service }) => `${organization}/${service}` },
            { title: "RELEASES", cell: ({ releases }) => releases.join(", ") || "—" },
            { title: "GOES BECAUSE", cell: ({ reason }) => reason, wraps: true },
          ],
          plan.images,
          { width: view.width, head: view.style.dim },
        )
  const paths =
    plan.largest.length === 0
      ? []
      : table<ArtifactPlan["largest"][number]>(
          [
            { title: "SIZE", cell: ({ bytes }) => formatSize(bytes), align: "right" },
            { title: "NOTHING LEADS TO", cell: ({ storePath }) => storePath, wraps: true },
          ],
          plan.largest.slice(0, 20),
          { width: view.width, head: view.style.dim },
        )
  return paragraphs(
    [
      `A collection would bury ${counted(plan.images.length, "image")} and ${counted(plan.paths, "path")} (${formatSize(plan.bytes)}), and delete ${plan.duePaths} that were buried before (${formatSize(plan.dueBytes)}).`,
      ...(plan.overBytes > 0
        ? [view.style.red(`What is kept is ${formatSize(plan.overBytes)} over the budget.`)]
        : []),
    ],
    images,
    paths,
  )
}

export const repairWords = ({ removed, damage }: Repair, view: View): ReadonlyArray<string> =>
  damage.length === 0
    ? ["Nothing is damaged, as far as is known: `skypanel cache verify` looks."]
    : paragraphs(
        [
          `${removed} of ${counted(damage.length, "damaged file")} to be uploaded again by the next build that needs them.`,
        ],
        damageList(damage, view),
      )
