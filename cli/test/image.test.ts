import { Effect } from "effect"
import { beforeEach, expect, it } from "vitest"
import { usePlatform } from "./usePlatform.ts"

const { platform, run } = usePlatform()
beforeEach(() => {
  const source = { _tag: "image", reference: "ghcr.io/example/cache:1.4" } as const
  Effect.runSync(platform().state.create({ name: "cache", source }))
})

it("an image is checked, and what came of it is shown when it is there", async () => {
  platform().state.images = [{}, { progress: "checking" }, { state: "newer" }]
  const { code, out, err } = await run("image", "check", "cache", "--json")
  expect({ code, err }).toEqual({ code: 0, err: "" })
  expect(JSON.parse(out)).toMatchObject({ state: "newer", progress: "none" })
})

it("an image that cannot be asked for says why, and what to do", async () => {
  const code = "credential-refused"
  platform().state.images = [
    { failure: { code, title: "It gives nothing.", detail: "", next: "Add a credential." } },
  ]
  const refused = await run("image", "check", "cache")
  expect(refused.code).toBe(1)
  expect(refused.out).toMatch(/Failed +credential-refused: It gives nothing\./)
  expect(refused.err).toContain("Add a credential.")
  platform().state.images = [{ progress: "waiting", waitsFor: "no builder is connected" }]
  const waits = await run("image", "check", "cache")
  expect(waits.code).toBe(5)
  expect(waits.err).toContain("no builder is connected")
})

it("an image has a policy, with minutes within bounds", async () => {
  const deploys = await run("image", "policy", "cache", "deploy", "--every", "90")
  expect(deploys.out).toMatch(/Policy +deploy a newer image, every 1 h 30 min/)
  const often = await run("image", "policy", "cache", "notify", "--every", "5")
  expect(often.code).toBe(2)
  expect(often.err).toContain("from 15 minutes to one day")
})
