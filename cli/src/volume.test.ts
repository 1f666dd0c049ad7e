import fc from "fast-check"
import { describe, expect, it } from "vitest"
import type { Issue } from "./checked.ts"
import { volumeOf } from "./volume.ts"

const GiB = 2 ** 30
const read = (text: string) => {
  const issues: Array<Issue> = []
  return { volume: volumeOf({ text }, issues), issues }
}

describe("--volume", () => {
  it.each([
    ["/data:1GiB", { path: "/data", sizeBytes: GiB, whenWorkerIsLost: "wait" }],
    ["/data:1GiB:wait", { path: "/data", sizeBytes: GiB, whenWorkerIsLost: "wait" }],
    [
      "/var/lib/db:512MiB:start-empty",
      { path: "/var/lib/db", sizeBytes: GiB / 2, whenWorkerIsLost: "start-empty" },
    ],
  ])("reads %s", (text, volume) => {
    expect(read(text)).toEqual({ volume, issues: [] })
  })

  it.each(["/data", "/data:big", "/data:1GiB:move", "/data:1GiB:wait:more", ""])("refuses %j", (text) => {
    const { issues } = read(text)
    expect(issues).toEqual([{ path: "--volume", message: expect.stringMatching(/^write PATH:SIZE/) }])
  })

  it("is null for none", () => {
    expect(volumeOf("none", [])).toBeNull()
  })

  it("gives a volume or an issue, whatever is typed", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const { volume, issues } = read(text)
        expect(volume === null).toBe(issues.length === 1)
      }),
    )
  })
})
