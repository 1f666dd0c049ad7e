import type { FleetPolicy } from "@skypanel/contract/Fleet"
import { formatSize } from "@skypanel/contract/Resources"
import { shortDigest } from "@skypanel/contract/shortDigest"
import type { WorkerImages } from "@skypanel/contract/WorkerImages"
import { fieldLines } from "./fields.ts"
import { table } from "./table.ts"
import { oneLine } from "./text.ts"
import { formatAgo } from "./time.ts"
import type { View } from "./view.ts"
import { formatUsage } from "./worker.ts"

type Removed = WorkerImages["removed"][number]

export interface ImagesOfWorker {
  readonly images: WorkerImages | null
  readonly policy: FleetPolicy["images"]
}

const limits = ({ mostMiB, diskPercent }: FleetPolicy["images"]): string =>
  `${mostMiB === 0 ? "" : `${formatSize(mostMiB * 1024 ** 2)}, or `}${diskPercent} % of the disk in use`

const removedTable = (removed: ReadonlyArray<Removed>, { style, now, width }: View): ReadonlyArray<string> =>
  table<Removed>(
    [
      {
        title: "REMOVED",
        cell: ({ organization, service }) =>
          service === null ? "of a service that is deleted" : `${organization}/${service}`,
        shrink: true,
      },
      { title: "IMAGE", cell: ({ digest }) => shortDigest(digest) },
      { title: "FREED", cell: ({ freedBytes }) => formatSize(freedBytes), align: "right" },
      { title: "WHEN", cell: ({ at }) => formatAgo(at, now) },
    ],
    removed,
    { width, head: style.dim },
  )

export const workerImageLines = ({ images, policy }: ImagesOfWorker, view: View): ReadonlyArray<string> =>
  images === null
    ? ["It has not said what images take there, or runs no services."]
    : [
        ...fieldLines(
          [
            ["Images", `${images.count}, up to ${formatSize(images.bytes)} with what is kept warm`],
            ["To spare", `${images.spare}, which go above ${limits(policy)}`],
            ["Disk", formatUsage(images.disk.usedBytes, images.disk.totalBytes)],
            ["Problem", images.problem === null ? "" : view.style.red(oneLine(images.problem))],
          ],
          view.style,
        ),
        "",
        ...(images.removed.length === 0 ? ["None was removed lately."] : removedTable(images.removed, view)),
      ]
