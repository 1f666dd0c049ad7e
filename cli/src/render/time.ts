/** A span for people: `340 ms`, `12.3 s`, `2 min 5 s`, `3 h 20 min`, `4 d 2 h`. */
export const formatDuration = (ms: number): string => {
  if (ms < 1000) return `${Math.max(0, Math.round(ms))} ms`
  if (ms < 59_950) return `${(ms / 1000).toFixed(1)} s`
  const seconds = Math.round(ms / 1000)
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return `${minutes} min ${seconds % 60} s`
  const hours = Math.floor(minutes / 60)
  return hours < 48 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} d ${hours % 24} h`
}

/** How long ago an instant of the wire was: `just now`, `5 min ago`. `—` for none. */
export const formatAgo = (at: string | null, now: number): string => {
  const ms = at === null ? Number.NaN : now - Date.parse(at)
  if (Number.isNaN(ms)) return "—"
  if (ms < 5000) return "just now"
  const seconds = Math.floor(ms / 1000)
  if (seconds < 60) return `${seconds} s ago`
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`
  if (seconds < 48 * 3600) return `${Math.floor(seconds / 3600)} h ago`
  return `${Math.floor(seconds / 86_400)} d ago`
}

/** How long until an instant of the wire: `in 40 s`, `in 34 min`, `in 3 h`; `over` when it has passed. */
export const formatUntil = (at: string, now: number): string => {
  const seconds = Math.ceil((Date.parse(at) - now) / 1000)
  if (Number.isNaN(seconds)) return "—"
  if (seconds <= 0) return "over"
  if (seconds < 60) return `in ${seconds} s`
  return seconds < 2 * 3600 ? `in ${Math.floor(seconds / 60)} min` : `in ${Math.floor(seconds / 3600)} h`
}

const factors: Record<string, number> = { ms: 1, s: 1000, m: 60_000, min: 60_000, h: 3_600_000 }

/** Reads `90s`, `10m`, `1h` or a plain number of seconds as milliseconds; null when it is none. */
export const parseDuration = (text: string): number | null => {
  const match = /^(\d+(?:\.\d+)?)\s*(ms|s|m|min|h)?$/.exec(text.trim())
  return match ? Math.round(Number(match[1]) * factors[match[2] ?? "s"]!) : null
}
