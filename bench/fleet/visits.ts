import { request } from "node:http"

/** Where one visitor goes. With several places whoever answers first will do: as if something in front knew who can. */
export interface Target {
  readonly places: ReadonlyArray<{ readonly address: string; readonly port: number }>
  readonly host: string | null
}

export interface Visit {
  sent: number
  failed: number
  /** When the last request that failed was sent, and when the first good answer came after that; NaN: none. */
  lastFailedAt: number
  goodAgainAt: number
  /** When the newest of the requests was sent that had a good answer. */
  lastGoodAt: number
}

const deadlineMs = 2_000
/** A good answer is not older than this while a target answers. */
const freshMs = 500

const ask = (address: string, port: number, host: string | null) =>
  new Promise<void>((resolve, reject) => {
    const headers = host === null ? {} : { host }
    const asking = request({ host: address, port, headers, agent: false, timeout: deadlineMs })
    asking.on("timeout", () => asking.destroy(new Error("no answer in time")))
    asking.on("error", reject)
    asking.on("response", (response) => {
      response.on("error", reject)
      response.on("end", () =>
        response.statusCode === 200 ? resolve() : reject(new Error(`status ${response.statusCode}`)),
      )
      response.resume()
    })
    asking.end()
  })

/** Asks each target so often, over a new connection each time, whatever became of the requests before. */
export const startVisits = (targets: ReadonlyArray<Target>, everyMs: number) => {
  const visits = targets.map(
    (): Visit => ({
      sent: 0,
      failed: 0,
      lastFailedAt: Number.NaN,
      goodAgainAt: Number.NaN,
      lastGoodAt: Number.NaN,
    }),
  )
  const begun = performance.now()
  const open = new Set<Promise<void>>()
  const one = async ({ places, host }: Target, visit: Visit) => {
    const sentAt = performance.now()
    visit.sent += 1
    try {
      await Promise.any(places.map(({ address, port }) => ask(address, port, host)))
      visit.lastGoodAt = performance.now()
      // What was sent before the last failure was says nothing about the time after it.
      if (!(sentAt < visit.lastFailedAt) && Number.isNaN(visit.goodAgainAt))
        visit.goodAgainAt = visit.lastGoodAt
    } catch {
      visit.failed += 1
      if (sentAt < visit.lastFailedAt) return
      visit.lastFailedAt = sentAt
      visit.goodAgainAt = Number.NaN
    }
  }
  const timers = targets.map((target, at) => {
    const ask = () => {
      const asking = one(target, visits[at]!).finally(() => open.delete(asking))
      open.add(asking)
    }
    return setInterval(ask, everyMs)
  })
  return {
    visits,
    /** Has every target answered all that was sent in so long a time, which began after this instant? */
    isWell: (forMs: number, after = begun) => {
      const now = performance.now()
      // A request that has no answer yet is no good sign: the newest that has one must be new.
      return (
        now - after > forMs &&
        visits.every(
          ({ lastGoodAt, lastFailedAt }) =>
            now - lastGoodAt < freshMs + everyMs && !(now - lastFailedAt < forMs),
        )
      )
    },
    /** Forgets what was, and counts from now on. */
    restart: (): number => {
      for (const visit of visits)
        Object.assign(visit, { sent: 0, failed: 0, lastFailedAt: Number.NaN, goodAgainAt: Number.NaN })
      return performance.now()
    },
    stop: async (): Promise<ReadonlyArray<Visit>> => {
      for (const timer of timers) clearInterval(timer)
      await Promise.all(open)
      return visits
    },
  }
}

export const failuresOf = (visits: ReadonlyArray<Visit>): number =>
  visits.reduce((sum, { failed }) => sum + failed, 0)
export const requestsOf = (visits: ReadonlyArray<Visit>): number =>
  visits.reduce((sum, { sent }) => sum + sent, 0)
