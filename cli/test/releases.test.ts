import { expect, it } from "vitest"
import { usePlatform } from "./usePlatform.ts"

const { run, held, live } = usePlatform()

it("shows what a release is made of, and what changed since another", async () => {
  expect((await run("deploy", "hello", "--template", "nodejs", "--wait")).code).toBe(0)
  expect((await run("redeploy", "hello", "--wait")).code).toBe(0)
  expect((await run("releases", "packages", "hello", "1")).out).toMatch(
    /PACKAGE +VERSION +SIZE\napp +— +1 MiB\nlibc +2\.1 +39 MiB\n\nRelease 1: 40 MiB in all\./,
  )
  const { out } = await run("releases", "compare", "hello", "1")
  expect(out).toContain("From release 1 to release 2")
  expect(out).toMatch(/environment LEVEL +— +debug\nport +3000 +8080\n/)
  expect(out).toMatch(/- +gone +no version +— +-1 MiB\n~ +libc +2\.1 +2\.2 +\+1 MiB\n3 more built anew/)
  expect(out).toContain("In all 40 MiB → 41 MiB, +1 MiB.")
  const other = JSON.parse((await run("releases", "compare", "hello", "2", "1", "--json")).out)
  expect([other.before, other.after]).toEqual([2, 1])
  expect((await run("releases", "hello")).out).toMatch(/2 +serves/)
  expect((await run("releases", "compare", "hello")).code).toBe(2)
  const { serialNumber, bomFormat } = JSON.parse((await run("releases", "sbom", "hello", "1")).out)
  expect([serialNumber, bomFormat]).toEqual(["urn:1", "CycloneDX"])
  expect(JSON.parse((await run("releases", "provenance", "hello", "1")).out).payload).toBe("e30=")
})

it("sets for how long new releases are looked after, and shows which deployment was left and why", async () => {
  await run("deploy", "hello", "--template", "nodejs", "--wait")
  expect((await run("releases", "watch", "hello")).out).toContain("looked after for 5 min 0 s.")
  expect((await run("releases", "watch", "hello", "off")).out).toContain("not looked after.")
  expect(held("hello").service.watchSeconds).toBe(0)
  expect((await run("releases", "watch", "hello", "2h")).code).toBe(2)
  Object.assign(held("hello").deployments[0]!, {
    returned: { deployment: 2, reason: "exit code 1 three times" },
  })
  expect((await run("deployments", "hello")).out).toContain("left by 2: exit code 1 three times")
})

it("keeps so many releases, and says first which go", async () => {
  await live()
  const { releases } = held("hello")
  for (const number of [2, 3, 4]) releases.unshift({ ...releases[0]!, number })
  expect((await run("releases", "keep", "hello")).out).toContain("kept as long as there is room")
  const asked = await run("releases", "keep", "hello", "2")
  expect(asked).toMatchObject({ code: 2, out: "" })
  expect(asked.err).toMatch(/cannot be rolled back to: 2, 1\n2 MiB come free by it\./)
  expect(held("hello").service.keptReleases).toBeNull()
  expect((await run("releases", "keep", "hello", "2", "--yes")).out).toContain(
    "newest 2 releases of hello are kept",
  )
  expect(held("hello").service.keptReleases).toBe(2)
  expect((await run("releases", "keep", "hello", "all")).code).toBe(0)
  expect(held("hello").service.keptReleases).toBeNull()
  for (const wrong of ["1", "101", "many"])
    expect((await run("releases", "keep", "hello", wrong)).code).toBe(2)
})
