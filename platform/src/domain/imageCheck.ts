import type { ImageAction, ImageCheck } from "@skypanel/contract/ImageCheck"
import { formatImageReference, type ImageReference } from "@skypanel/contract/image/ImageReference"

/** What is stored of checks of a service's image. */
export interface KnownOfImage {
  readonly action: ImageAction
  readonly minutes: number | null
  readonly answeredAt: Date | null
  /** Where the tag led, and since when that is known. */
  readonly revision: string | null
  readonly revisionAt: Date | null
  readonly failure: ImageCheck["failure"]
  /** A builder has the question. */
  readonly asked: boolean
  /** An answer is wanted, by hand or since its time has come. */
  readonly wanted: boolean
}

export const nothingKnown: KnownOfImage = {
  action: "off",
  minutes: null,
  answeredAt: null,
  revision: null,
  revisionAt: null,
  failure: null,
  asked: false,
  wanted: false,
}

export interface Surroundings {
  readonly runs: boolean
  /** A builder is connected that could ask. */
  readonly answerable: boolean
  /** So long the organization asks this registry nothing. */
  readonly limitedUntil: Date | null
  readonly serves: string | null
  /** The newest deployment of the digest that the tag led to. */
  readonly deployment: number | null
}

const stateOf = (
  { digest }: ImageReference,
  { revision }: KnownOfImage,
  { serves }: Surroundings,
): ImageCheck["state"] => {
  if (digest !== null) return "fixed"
  if (revision === null || serves === null) return "unknown"
  return revision === serves ? "current" : "newer"
}

const progressOf = (
  known: KnownOfImage,
  { answerable, limitedUntil }: Surroundings,
): Pick<ImageCheck, "progress" | "waitsFor"> => {
  if (!(known.asked || known.wanted) || (limitedUntil !== null && !known.asked))
    return { progress: "none", waitsFor: null }
  if (!answerable)
    return { progress: "waiting", waitsFor: "no builder is connected that could ask the registry" }
  return { progress: known.asked ? "checking" : "waiting", waitsFor: null }
}

const minuteMs = 60_000

/** By itself; null also where its time has come. */
const nextAt = (
  { action, minutes, answeredAt, asked }: KnownOfImage,
  { runs, limitedUntil }: Surroundings,
): Date | null => {
  if (action === "off" || minutes === null || answeredAt === null || !runs || asked) return null
  return new Date(Math.max(answeredAt.getTime() + minutes * minuteMs, limitedUntil?.getTime() ?? 0))
}

export const imageCheckOf = (
  reference: ImageReference,
  known: KnownOfImage,
  around: Surroundings,
): ImageCheck => {
  const fixed = reference.digest !== null
  return {
    reference: formatImageReference(reference),
    action: known.action,
    minutes: known.minutes,
    state: stateOf(reference, known, around),
    serves: around.serves,
    found:
      fixed || known.revision === null || known.revisionAt === null
        ? null
        : {
            digest: known.revision,
            since: known.revisionAt.toISOString(),
            deployment: around.deployment,
          },
    ...progressOf(known, around),
    checkedAt: known.answeredAt?.toISOString() ?? null,
    nextAt: fixed ? null : (nextAt(known, around)?.toISOString() ?? null),
    failure: known.failure,
  }
}
