import { beforeEach, describe, expect, it } from "vitest"
import { momentAgo } from "./fakeRows.ts"
import { usePlatform } from "./usePlatform.ts"

const { platform, run, begin } = usePlatform()
const fleet = () => platform().state.fleet
const worker = (
  name: string,
  ...how: [state: "upgrading" | "done" | "skipped" | "reverted", detail?: string]
) => fleet().upgrades.worker(fleet().fleet, name, ...how)

const started = () => expect.poll(() => fleet().fleet.upgrade, { timeout: 15_000 }).not.toBeNull()

beforeEach(() => {
  fleet().add({ name: "fra1-a" })
})

describe("workers upgrade", () => {
  it("starts it and shows where each worker is", async () => {
    const { code, out } = await run("workers", "upgrade")
    expect(code).toBe(0)
    expect(out).toMatch(
      RegExp(String.raw`^Upgrade to 0\.2\.0: running, started ${momentAgo} by admin@skypanel\.localhost\n`),
    )
    expect(out).toMatch(/dev +waiting +0\.1\.0\nfra1-a +waiting +0\.1\.0\n/)
    expect(await run("workers", "upgrade")).toMatchObject({ code: 4, out: "" })
  })

  it("shows with --wait each worker as it goes, and ends with 0 when all are done", async () => {
    const running = begin("workers", "upgrade", "--wait")
    await started()
    worker("dev", "skipped", "It is of this checkout.")
    await running.says("- dev skipped  It is of this checkout.")
    worker("fra1-a", "upgrading")
    await running.says("… fra1-a upgrading")
    worker("fra1-a", "done")
    fleet().upgrades.end(fleet().fleet, "done")
    const { code, out, err } = await running.ended
    expect(code).toBe(0)
    expect(out).toMatch(/^Upgrade to 0\.2\.0: done,/)
    expect(err).toMatch(/✓ fra1-a done\n$/)
  })

  it("ends with 1 when it failed, and says on which worker", async () => {
    const running = begin("workers", "upgrade", "--wait", "--json")
    await started()
    worker("dev", "reverted", "It did not report back within 2 minutes.")
    fleet().upgrades.end(fleet().fleet, "failed", "dev did not report back.")
    const { code, out, err } = await running.ended
    expect(code).toBe(1)
    expect(JSON.parse(out)).toMatchObject({ state: "failed", workers: [{ state: "reverted" }, {}] })
    expect(err).toContain("✗ dev reverted  It did not report back within 2 minutes.")
    expect(err).toContain("The upgrade failed: dev did not report back.")
    expect((await run("workers", "upgrade", "--show")).code).toBe(1)
  })

  it("is stopped by --stop; who waits for it ends with 1", async () => {
    expect((await run("workers", "upgrade", "--stop")).code).toBe(4)
    await run("workers", "upgrade")
    const running = begin("workers", "upgrade", "--show", "--wait")
    worker("dev", "upgrading")
    await running.says("… dev upgrading")
    expect((await run("workers", "upgrade", "--stop")).out).toMatch(
      /: stopped, .*\nAn administrator stopped it\.\n/,
    )
    const { code, err } = await running.ended
    expect(code).toBe(1)
    expect(err).toContain("The upgrade was stopped.")
    expect((await run("workers", "upgrade", "--show")).code).toBe(0)
  })

  it("goes on after Ctrl-C, and can be waited for again", async () => {
    const running = begin("workers", "upgrade", "--wait")
    await started()
    worker("dev", "upgrading")
    await running.says("… dev upgrading")
    running.process.kill("SIGINT")
    const { code, err } = await running.ended
    expect(code).toBe(130)
    expect(err).toContain("See it: skypanel workers upgrade --show --wait")
    expect(fleet().fleet.upgrade?.state).toBe("running")
  })

  it("does not take another upgrade for its own", async () => {
    const running = begin("workers", "upgrade", "--wait")
    await started()
    worker("dev", "upgrading")
    await running.says("… dev upgrading")
    fleet().upgrades.end(fleet().fleet, "done")
    fleet().upgrades.start(fleet().fleet, fleet().workers)
    const { code, err } = await running.ended
    expect(code).toBe(1)
    expect(err).toContain("Another upgrade was started since.")
  })

  it("has nothing to show before the first", async () => {
    const { code, err } = await run("workers", "upgrade", "--show")
    expect(code).toBe(4)
    expect(err).toContain("There was no upgrade yet.")
  })
})
