import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, expect, it } from "vitest"
import { sweepQuarantines, whyNoRoom } from "./diskUse.ts"

const folder = mkdtempSync(join(tmpdir(), "skypanel-room-"))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

it("has room for a push as long as the disk and the organization have", async () => {
  const organization = join(folder, "org_1")
  expect(await whyNoRoom(organization, 0)).toBeNull()
  expect(await whyNoRoom(organization, Number.MAX_SAFE_INTEGER)).toMatch(/no room/)
})

it("removes what is left of pushes, and nothing of those that are under way", async () => {
  const repository = join(folder, "svc_1.git")
  const objects = join(repository, "objects")
  for (const name of ["tmp_objdir-incoming-old", "tmp_objdir-incoming-new", "pack"]) {
    mkdirSync(join(objects, name, "pack"), { recursive: true })
    writeFileSync(join(objects, name, "pack/tmp_pack_x"), "x")
  }
  const before = new Date(Date.now() - 3 * 3_600_000)
  for (const name of ["tmp_objdir-incoming-old", "pack"]) utimesSync(join(objects, name), before, before)
  await sweepQuarantines(repository)
  expect(readdirSync(objects).sort()).toEqual(["pack", "tmp_objdir-incoming-new"])
})
