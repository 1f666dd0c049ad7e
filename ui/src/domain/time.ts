/** A length of time for people, in at most two units: `340 ms`, `4.2 s`, `1 min 05 s`, `2 h 10 min`. */
export const formatDuration = (ms: number): string => {
  const clean = Math.max(0, ms)
  if (clean < 1000) return `${Math.round(clean)} ms`
  if (clean < 59_950) return `${(clean / 1000).toFixed(1)} s`
  const seconds = Math.round(clean / 1000)
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, "0")} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 1440) return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, "0")} min`
  return `${Math.floor(minutes / 1440)} d ${Math.floor(minutes / 60) % 24} h`
}

const ages: readonly (readonly [limitSeconds: number, unit: Intl.RelativeTimeFormatUnit, seconds: number])[] =
  [
    [60, "second", 1],
    [3600, "minute", 60],
    [86_400, "hour", 3600],
    [2_592_000, "day", 86_400],
    [31_536_000, "month", 2_592_000],
    [Number.POSITIVE_INFINITY, "year", 31_536_000],
  ]

const relative = new Intl.RelativeTimeFormat("en", { numeric: "auto", style: "short" })

/** `just now`, `5 min ago`. A time slightly in the future (clocks differ) is now. */
export const formatAge = (at: number, now: number): string => {
  const seconds = Math.max(0, Math.floor((now - at) / 1000))
  if (seconds < 5) return "just now"
  const [, unit, size] = ages.find(([limit]) => seconds < limit)!
  return relative.format(-Math.floor(seconds / size), unit).replace(". ago", " ago")
}

/** For how long: `3 days`, `5 min`, `a moment`. */
export const formatSpan = (since: number, now: number): string => {
  const age = formatAge(since, now)
  if (age === "just now") return "a moment"
  if (age === "yesterday") return "1 day"
  return age.replace(/ ago$/, "").replace(/^last /, "1 ")
}

/** How long until `formatAge` says something else, in milliseconds. */
export const ageChangesIn = (at: number, now: number): number => {
  const age = Math.max(0, now - at)
  return age < 60_000 ? 5000 : age < 3_600_000 ? 30_000 : 600_000
}

/** The absolute time, to the second, with its zone. */
export const formatInstant = (at: number): string =>
  new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "long" }).format(at)

/** How long until then: `59 min`, `40 s`; `no time` when it has passed. */
export const formatLeft = (until: number, now: number): string => {
  const seconds = Math.ceil((until - now) / 1000)
  if (seconds <= 0) return "no time"
  if (seconds <= 90) return `${seconds} s`
  const minutes = Math.ceil(seconds / 60)
  return minutes < 120
    ? `${minutes} min`
    : `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, "0")} min`
}
