/** An image that is answered. */
export interface StandingImage {
  readonly organizationId: string
  readonly serviceId: string
  readonly digest: string
  /** The numbers of the releases that have it. */
  readonly releases: ReadonlyArray<number>
  /** When the newest of those was made, in milliseconds; null without any. */
  readonly newest: number | null
  /** It stays whatever the budget says. */
  readonly kept: boolean
  /** Its service keeps fewer releases: it goes whatever the budget says, unless it is kept for another reason. */
  readonly surplus: boolean
}

/** Bytes of files, by the last image that needs them. */
export interface FileUse {
  /** The index of that image in the order in which images go. */
  readonly rank: number
  /** Null: images of several organizations need them. */
  readonly organizationId: string | null
  readonly bytes: number
}

export interface Budget {
  readonly totalBytes: number | null
  readonly organizationBytes: number | null
}

export interface Burial {
  readonly image: StandingImage
  readonly reason: string
}

export const withoutRelease = "no release has it"
export const overRetention = "its service keeps fewer releases"
export const overOrganization = "its organization is over its budget"
export const overTotal = "the store is over its budget"

/** The order in which images go: what no release or service keeps, then the oldest release, and last what stays. */
export const orderOfGoing = (images: ReadonlyArray<StandingImage>): ReadonlyArray<StandingImage> => {
  const key = ({ kept, newest, surplus }: StandingImage) =>
    // What goes whatever room there is goes first: a file is counted as free with the last image that needs it.
    kept ? Number.POSITIVE_INFINITY : surplus ? 0 : (newest ?? 0)
  return [...images].sort((a, b) => {
    const [left, right] = [key(a), key(b)]
    return left === right ? (a.digest < b.digest ? -1 : 1) : left - right
  })
}

/** What is left while images go, one after the other: a shared file is free only when all before its last image went. */
class Left {
  total = 0
  readonly byOrganization = new Map<string, number>()
  readonly reasons = new Map<number, string>()
  private readonly own: Array<number>
  private readonly shared: Array<number>
  private readonly images: ReadonlyArray<StandingImage>
  private first = 0

  constructor(images: ReadonlyArray<StandingImage>, uses: ReadonlyArray<FileUse>) {
    this.images = images
    this.own = images.map(() => 0)
    this.shared = images.map(() => 0)
    for (const { rank, organizationId, bytes } of uses) {
      if (organizationId === null) this.shared[rank]! += bytes
      else this.own[rank]! += bytes
      this.total += bytes
      if (organizationId !== null)
        this.byOrganization.set(organizationId, (this.byOrganization.get(organizationId) ?? 0) + bytes)
    }
  }

  /** Whether anything is free once this one goes, and all before it that may. */
  frees(rank: number): boolean {
    return this.own[rank]! > 0 || this.shared[rank]! > 0
  }

  bury(rank: number, reason: string): void {
    const { organizationId } = this.images[rank]!
    this.reasons.set(rank, reason)
    this.total -= this.own[rank]!
    this.byOrganization.set(organizationId, (this.byOrganization.get(organizationId) ?? 0) - this.own[rank]!)
    for (; this.reasons.has(this.first); this.first++) this.total -= this.shared[this.first]!
  }
}

/**
 * Which images go: each that no release has; each of a release that its service keeps no more; then, as long as an
 * organization needs alone more than its budget, the oldest of its own; then, as long as all need more than the whole
 * budget, the oldest of anybody. `images` are in the order of going, `uses` are of them. `overBytes` is what is still
 * too much when nothing more may go.
 */
export const chooseBurials = (
  images: ReadonlyArray<StandingImage>,
  uses: ReadonlyArray<FileUse>,
  { organizationBytes, totalBytes }: Budget,
): { readonly burials: ReadonlyArray<Burial>; readonly overBytes: number } => {
  const left = new Left(images, uses)
  images.forEach(({ kept, releases, surplus }, rank) => {
    if (!kept && releases.length === 0) left.bury(rank, withoutRelease)
    else if (!kept && surplus) left.bury(rank, overRetention)
  })
  const bury = (
    goes: (image: StandingImage) => boolean,
    reason: string,
    most: number,
    bytes: () => number,
  ) => {
    const open = images.flatMap((image, rank) =>
      !image.kept && !left.reasons.has(rank) && goes(image) ? [rank] : [],
    )
    // Nothing goes for nothing: what only later images would free stays if none of those may go.
    const last = open.findLast((rank) => left.frees(rank))
    for (const rank of open) if (last !== undefined && rank <= last && bytes() > most) left.bury(rank, reason)
  }
  if (organizationBytes !== null)
    for (const organization of left.byOrganization.keys())
      bury(
        (image) => image.organizationId === organization,
        overOrganization,
        organizationBytes,
        () => left.byOrganization.get(organization)!,
      )
  if (totalBytes !== null)
    bury(
      () => true,
      overTotal,
      totalBytes,
      () => left.total,
    )
  const over = (bytes: number, most: number | null) => (most === null ? 0 : Math.max(0, bytes - most))
  return {
    burials: images.flatMap((image, rank) => {
      const reason = left.reasons.get(rank)
      return reason === undefined ? [] : [{ image, reason }]
    }),
    overBytes: Math.max(
      over(left.total, totalBytes),
      ...Array.from(left.byOrganization.values(), (bytes) => over(bytes, organizationBytes)),
    ),
  }
}
