import type { PackageChange } from "@skypanel/contract/ReleaseComparison"
import { formatSize } from "@skypanel/contract/Resources"

/** With its sign, as what it is about is a difference. */
export const sizeChange = (bytes: number): string =>
  bytes === 0 ? "same size" : `${bytes < 0 ? "−" : "+"}${formatSize(Math.abs(bytes))}`

export const versionsText = (side: PackageChange["before"]): string =>
  side === null ? "–" : side.versions.map((version) => version ?? "no version").join(", ")

export const packageLook = ({
  before,
  after,
}: PackageChange): { readonly word: string; readonly tone: "good" | "bad" | "" } => {
  if (before === null) return { word: "added", tone: "good" }
  if (after === null) return { word: "removed", tone: "bad" }
  return { word: versionsText(before) === versionsText(after) ? "size" : "version", tone: "" }
}
