import type { Release } from "@skypanel/contract/Release"
import { formatSize } from "@skypanel/contract/Resources"
import type { Service } from "@skypanel/contract/Service"
import { describeSource } from "@skypanel/contract/Source"
import { shortDigest } from "@skypanel/contract/shortDigest"
import { formatVolume } from "./service.ts"
import { table } from "./table.ts"
import { formatAgo, formatDuration, parseDuration } from "./time.ts"
import type { View } from "./view.ts"

export const releaseList = (releases: ReadonlyArray<Release>, view: View): ReadonlyArray<string> =>
  releases.length === 0
    ? ["No releases yet: a deployment that goes live makes one."]
    : table<Release>(
        [
          { title: "RELEASE", cell: (release) => String(release.number), align: "right" },
          {
            title: "CURRENT",
            cell: (release) => (release.current ? "serves" : ""),
            paint: (text) => view.style.green(text),
          },
          { title: "MADE", cell: (release) => formatAgo(release.createdAt, view.now) },
          { title: "IMAGE", cell: (release) => shortDigest(release.imageDigest) },
          {
            title: "SIZE",
            cell: (release) => (release.imageGone ? "removed" : formatSize(release.imageBytes)),
            align: "right",
          },
          { title: "REPLICAS", cell: (release) => String(release.replicas), align: "right" },
          { title: "VOLUME", cell: (release) => formatVolume(release.volume) },
          { title: "REVISION", cell: (release) => release.revision?.slice(0, 12) ?? "—" },
          { title: "SOURCE", cell: (release) => describeSource(release.source), shrink: true },
        ],
        releases,
        { width: view.width, head: view.style.dim },
      )

const watchMost = 3_600

/** Null: it is none, or too long. */
export const watchSeconds = (text: string): number | null => {
  if (text === "off") return 0
  const ms = parseDuration(text)
  return ms === null || ms < 1_000 || ms > watchMost * 1_000 ? null : Math.round(ms / 1_000)
}

export const watchLine = ({ name, watchSeconds }: Service): string =>
  watchSeconds === 0
    ? `New releases of ${name} are not looked after.`
    : `New releases of ${name} are looked after for ${formatDuration(watchSeconds * 1_000)}.`
