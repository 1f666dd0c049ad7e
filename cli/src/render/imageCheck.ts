import type { ImageCheck } from "@skypanel/contract/ImageCheck"
import { shortDigest } from "@skypanel/contract/shortDigest"
import { fieldLines } from "./fields.ts"
import { oneLine } from "./text.ts"
import { formatAgo, formatDuration, formatUntil } from "./time.ts"
import type { View } from "./view.ts"

const tagText = ({ state, found, failure }: ImageCheck, view: View): string => {
  if (state === "fixed") return "names a digest: there is nothing to check"
  if (found === null) return failure === null ? "not checked yet" : "not known"
  const since = `seen ${formatAgo(found.since, view.now)}`
  if (state === "current") return `leads to what serves, ${shortDigest(found.digest)}`
  if (state === "unknown") return `leads to ${shortDigest(found.digest)}, ${since}; nothing of it serves`
  return view.style.yellow(`leads to a newer image, ${found.digest}, ${since}`)
}

const policyText = ({ action, minutes }: ImageCheck): string => {
  if (action === "off" || minutes === null) return "off: checked by hand only"
  const every = `every ${formatDuration(minutes * 60_000).replace(/ 0 (?:s|min|h)$/, "")}`
  return action === "notify" ? `notify of a newer image, ${every}` : `deploy a newer image, ${every}`
}

const progressText = ({ progress, waitsFor }: ImageCheck): string => {
  if (progress === "none") return ""
  return progress === "checking" ? "a builder asks the registry" : (waitsFor ?? "waits for its turn")
}

/** What is known of where the tag leads, and what to do where it is to something newer. */
export const imageDetails = (check: ImageCheck, view: View): ReadonlyArray<string> => {
  const { checkedAt, nextAt, failure, found, state } = check
  return fieldLines(
    [
      ["Image", oneLine(check.reference)],
      ["Serves", check.serves ?? "nothing of this reference"],
      ["Tag", tagText(check, view)],
      ["Deployment", state === "newer" && found?.deployment != null ? `#${found.deployment} was of it` : ""],
      ["Policy", state === "fixed" ? "" : policyText(check)],
      ["Checked", checkedAt === null ? "" : formatAgo(checkedAt, view.now)],
      ["Failed", failure === null ? "" : oneLine(`${failure.code}: ${failure.title} ${failure.detail}`)],
      ["", failure === null ? "" : oneLine(failure.next)],
      ["Next", nextAt === null ? "" : formatUntil(nextAt, view.now)],
      ["Now", progressText(check)],
    ],
    view.style,
  )
}
