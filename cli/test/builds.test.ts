import type { QueuedBuild } from "@skypanel/contract/QueuedBuild"
import { expect, it } from "vitest"
import { hoursAgo } from "./fakeRows.ts"
import { usePlatform } from "./usePlatform.ts"

const { run, platform, live } = usePlatform()

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
  queuedAt: hoursAgo(4),
  startedAt: hoursAgo(2),
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
  expect(own).toMatch(/acme +shop +3 +evaluating +fsn1-a +2 h ago/)
  expect(own).not.toContain("blog")
  expect((await run("builds", "--all")).out).toMatch(
    /bolt +blog +3 +waits \(1\) +— +4 h ago +first; the builder is busy/,
  )
})

it("lists every build of a service, filtered and a page at a time", async () => {
  await live()
  platform().state.auto = "failed"
  await run("deploy", "hello", "--wait")
  const { out } = await run("builds", "hello")
  expect(out).toContain("Build 1 learned the hash of go.sum (abababababab): sha256-AAAA")
  expect(out).toMatch(/BUILD +STATE .*\n +2 +failed .*The Nix expression has a syntax error/)
  expect(out).toMatch(/1 +succeeded .*1 min 2 s +0123456789 .*3 MiB +1 MiB +Change 1/)
  expect((await run("builds", "hello", "--state", "failed")).out).not.toContain("succeeded")
  expect((await run("builds", "hello", "-n", "1")).out).toContain("skypanel builds hello --before 2")
  expect((await run("builds", "hello", "--before", "1")).out).toContain("no such build of hello")
  expect(JSON.parse((await run("builds", "hello", "--json")).out)).toMatchObject({
    builds: [{}, {}],
    next: null,
  })
  expect((await run("builds", "hello", "--all")).code).toBe(2)
})
