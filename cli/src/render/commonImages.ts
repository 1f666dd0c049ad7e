import type { CommonImage, Fleet } from "@skypanel/contract/Fleet"
import { formatSize } from "@skypanel/contract/Resources"
import { shortDigest } from "@skypanel/contract/shortDigest"
import { table } from "./table.ts"
import type { View } from "./view.ts"

/** What is kept warm, and on how many workers it is. */
export const commonImageList = (
  { common, warmWorkers }: Pick<Fleet, "common" | "warmWorkers">,
  { style }: View,
): ReadonlyArray<string> =>
  table<CommonImage>(
    [
      { title: "IMAGE", cell: ({ digest }) => shortDigest(digest) },
      { title: "SIZE", cell: ({ bytes }) => formatSize(bytes), align: "right" },
      { title: "LAYERS", cell: ({ layers }) => String(layers), align: "right" },
      { title: "SERVICES", cell: ({ services }) => String(services), align: "right" },
      { title: "WORKERS", cell: ({ workers }) => `${workers} of ${warmWorkers}`, align: "right" },
    ],
    common,
    { width: null, head: style.dim },
  )
