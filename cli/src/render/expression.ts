import type { ExpressionVersion } from "@skypanel/contract/Expression"
import type { DiffLine } from "@skypanel/contract/Template"
import { table } from "./table.ts"
import { oneLine } from "./text.ts"
import { formatAgo } from "./time.ts"
import type { View } from "./view.ts"

export const expressionList = (
  versions: ReadonlyArray<ExpressionVersion>,
  view: View,
): ReadonlyArray<string> =>
  versions.length === 0
    ? ["It was never made from a Nix expression."]
    : table<ExpressionVersion>(
        [
          { title: "VERSION", cell: ({ version }) => String(version), align: "right" },
          {
            title: "CURRENT",
            cell: ({ current }) => (current ? "now" : ""),
            paint: (text) => view.style.green(text),
          },
          { title: "MADE", cell: ({ createdAt }) => formatAgo(createdAt, view.now) },
          { title: "DEPLOYMENT", cell: ({ deployment }) => String(deployment), align: "right" },
          { title: "ENDED", cell: ({ status }) => status },
          { title: "LINES", cell: ({ lines }) => String(lines), align: "right" },
          { title: "BY", cell: ({ createdBy }) => createdBy ?? "—", shrink: true },
        ],
        versions,
        { width: view.width, head: view.style.dim },
      )

const around = 3

/** Lines that differ, with those around them; `…` stands for the others. */
export const diffLines = (lines: ReadonlyArray<DiffLine>, { style }: View): ReadonlyArray<string> => {
  const near = new Set(
    lines.flatMap(({ mark }, at) =>
      mark === " " ? [] : Array.from({ length: 2 * around + 1 }, (_, n) => at - around + n),
    ),
  )
  if (near.size === 0) return ["They are the same."]
  const shown: Array<string> = []
  for (const [at, { mark, text }] of lines.entries()) {
    if (!near.has(at)) {
      if (shown.at(-1) !== "…") shown.push("…")
    } else if (mark === " ") shown.push(`  ${oneLine(text)}`)
    else if (mark === "-") shown.push(style.red(`- ${oneLine(text)}`))
    else shown.push(style.green(`+ ${oneLine(text)}`))
  }
  return shown
}
