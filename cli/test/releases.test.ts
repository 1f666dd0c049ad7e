import { expect, it } from "vitest"
import { usePlatform } from "./usePlatform.ts"

const { run } = usePlatform()

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
