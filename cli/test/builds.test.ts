import type { QueuedBuild } from "@skypanel/contract/QueuedBuild"
import { expect, it } from "vitest"
import { usePlatform } from "./usePlatform.ts"

const { run, platform } = usePlatform()

const running: QueuedBuild = {
  organization: "acme",
  service: "shop",
  deployment: 3,
  trigger: "redeploy",
  template: null,
  createdBy: null,
  position: null,
  reason: null,
  phase: "evaluating",
  builder: "fsn1-a",
  canceled: false,
  queuedAt: new Date().toISOString(),
  startedAt: new Date().toISOString(),
}

it("shows what is built and what waits: one's own, and for administrators all", async () => {
  expect((await run("builds")).out).toContain("Nothing is being built")
  const waiting = {
    position: 1,
    reason: "first; the builder is busy",
    phase: "waiting",
    builder: null,
    startedAt: null,
  }
  platform().state.builds = [running, { ...running, ...waiting, organization: "bolt", service: "blog" }]
  const own = (await run("builds")).out
  expect(own).toMatch(/acme +shop +3 +evaluating +fsn1-a +just now/)
  expect(own).not.toContain("blog")
  expect((await run("builds", "--all")).out).toMatch(
    /bolt +blog +3 +waits \(1\) +— +just now +first; the builder is busy/,
  )
})
