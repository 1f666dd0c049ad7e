import { beforeEach, expect, test, vi } from "vitest"
import { diskFull, diskWatch, type Look } from "./DiskWatch.ts"

const GiB = 1024 ** 3
const statfs = vi.fn<Look>()

/** What each look sees, in GiB; the last one stays. */
const rooms = (...each: ReadonlyArray<number | Error>) => {
  for (const [at, room] of each.entries()) {
    const look = async () => {
      if (room instanceof Error) throw room
      return { bavail: room * GiB, bsize: 1, ffree: 1000 }
    }
    if (at === each.length - 1) statfs.mockImplementation(look)
    else statfs.mockImplementationOnce(look)
  }
}
/** Whether it has settled after so many looks. */
const settles = async (watched: Promise<void>, looks: number) => {
  let settled = false
  void watched.then(() => {
    settled = true
  })
  await vi.advanceTimersByTimeAsync(250 * (looks - 1))
  return settled
}
const limits = { diskBytes: 2 * GiB, diskFiles: 10 }

beforeEach(() => {
  vi.useFakeTimers()
  statfs.mockReset()
  return () => vi.useRealTimers()
})

test("a build that takes more than it may is seen, and then nothing is looked at any more", async () => {
  rooms(9, 8, 6)
  expect(await settles(diskWatch("/a", limits, new AbortController().signal, statfs), 3)).toBe(true)
  expect(vi.getTimerCount()).toBe(0)
})
test("what neighbours take is nothing until the disk is full", async () => {
  rooms(9, 2)
  expect(await settles(diskFull("/a", new AbortController().signal, statfs), 5)).toBe(false)
  rooms(0.5)
  await vi.advanceTimersByTimeAsync(250)
  expect(vi.getTimerCount()).toBe(0)
})
test("a look that fails says nothing, and it is looked on", async () => {
  rooms(new Error("gone"), 9, new Error("gone"), 0.5)
  const watched = diskFull("/a", new AbortController().signal, statfs)
  expect(await settles(watched, 3)).toBe(false)
  expect(await settles(watched, 2)).toBe(true)
})
test("who has stopped asking is looked for no more", async () => {
  rooms(9)
  const asked = new AbortController()
  expect(await settles(diskFull("/a", asked.signal, statfs), 2)).toBe(false)
  asked.abort()
  expect(vi.getTimerCount()).toBe(0)
})
