import { mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { setTimeout as wait } from "node:timers/promises"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { until } from "../../test/containers.ts"
import { agents, launcherFolder, type Runtime } from "../../test/launcher.ts"

const isAlive = (pid: number) => {
  try {
    const status = readFileSync(`/proc/${pid}/stat`, "utf8")
    return !/^[ZX]/.test(status.slice(status.lastIndexOf(")") + 2))
  } catch {
    return false
  }
}

describe.each<Runtime>(["node", "deno"])("the launcher on %s", (runtime) => {
  let folder: ReturnType<typeof launcherFolder>
  beforeEach(() => {
    folder = launcherFolder()
  })
  afterEach(() => folder.remove())

  const running = (name: string) =>
    until(`agent ${name}`, () => {
      const last = folder.started().at(-1)
      return last?.name === name && isAlive(last.pid) ? last : undefined
    })
  /** `old` is current, and `bundle` waits to be tried. */
  const waiting = (bundle: string) => {
    const old = folder.add(agents.good("old"))
    folder.setCurrent(old)
    const next = folder.add(bundle)
    folder.files.setNext(next)
    return { old, next }
  }

  it("runs the current version, passes signals on, and gives its exit code", async () => {
    folder.setCurrent(folder.add(agents.good("old")))
    const launcher = folder.launch(runtime)
    await running("old")
    process.kill(launcher.pid, "SIGTERM")
    expect(await launcher.ended).toBe(7)
  })

  it("ends with an agent that ends by itself, with its exit code", async () => {
    folder.setCurrent(folder.add(agents.ending("old", 4, true)))
    expect(await folder.launch(runtime).ended).toBe(4)
  })

  it("runs no agent on after it was killed itself", async () => {
    folder.setCurrent(folder.add(agents.good("old")))
    const launcher = folder.launch(runtime)
    const { pid } = await running("old")
    process.kill(launcher.pid, "SIGKILL")
    await until("the agent to end", () => (isAlive(pid) ? undefined : true))
  })

  it("takes a version that works, and keeps the one before", async () => {
    const first = folder.add(agents.good("first"))
    writeFileSync(join(folder.data, "agent/previous"), first)
    const { old, next } = waiting(agents.good("new"))
    folder.launch(runtime)
    await running("new")
    await until("the first to be removed", () =>
      folder.files.state().whole.includes(first) ? undefined : true,
    )
    expect(folder.files.state()).toMatchObject({ current: next, previous: old, next: null, failed: [] })
    expect(new Set(folder.files.state().whole)).toEqual(new Set([next, old]))
  })

  it("goes on with a next version in the same process when the agent ends with 75", async () => {
    folder.setCurrent(folder.add(agents.ending("old", 75, true, 1_000)))
    const launcher = folder.launch(runtime)
    await running("old")
    folder.files.setNext(folder.add(agents.good("new")))
    await running("new")
    expect(isAlive(launcher.pid)).toBe(true)
  })

  it("goes back when a version ends before it was welcomed, and does not try it again", async () => {
    const { old, next } = waiting(agents.ending("bad", 3, false))
    const launcher = folder.launch(runtime)
    await running("old")
    expect(folder.names()).toEqual(["bad", "old"])
    expect(folder.files.state()).toMatchObject({ current: old, next: null, failed: [next] })
    expect(folder.files.failed()[0]?.why).toContain("exit code 3")
    process.kill(launcher.pid, "SIGTERM")
    await launcher.ended
    folder.add(agents.ending("bad", 3, false))
    folder.files.setNext(next)
    folder.launch(runtime)
    await running("old")
    expect(folder.names()).toEqual(["bad", "old", "old"])
  })

  it("goes back when a version is not welcomed in time", async () => {
    const { old, next } = waiting(agents.silent("silent"))
    folder.launch(runtime, 1)
    await running("old")
    expect(folder.names()).toEqual(["silent", "old"])
    expect(isAlive(folder.started()[0]!.pid)).toBe(false)
    expect(folder.files.state()).toMatchObject({ current: old, failed: [next] })
    expect(folder.files.failed()[0]?.why).toContain("after 1 s")
  })

  it("does not hold it against a version that it was asked to stop meanwhile", async () => {
    const { next } = waiting(agents.silent("silent"))
    const launcher = folder.launch(runtime)
    await running("silent")
    process.kill(launcher.pid, "SIGTERM")
    expect(await launcher.ended).toBe(7)
    expect(folder.files.state()).toMatchObject({ failed: [], next: { sha256: next } })
  })

  it("gives a version up that takes everything down each time", async () => {
    const { next } = waiting(agents.silent("deadly"))
    for (let attempt = 1; attempt <= 3; attempt++) {
      const launcher = folder.launch(runtime)
      await until(`attempt ${attempt}`, () => (folder.names().length === attempt ? true : undefined))
      process.kill(launcher.pid, "SIGKILL")
      await launcher.ended
    }
    folder.launch(runtime)
    await running("old")
    expect(folder.names()).toEqual(["deadly", "deadly", "deadly", "old"])
    expect(folder.files.state().failed).toEqual([next])
  })

  it("starts something after a kill -9 at any point of an upgrade, and settles on one of the two", async () => {
    const { next } = waiting(agents.good("new"))
    let random = 42
    for (let round = 0; round < 8; round++) {
      const launcher = folder.launch(runtime)
      random = (random * 16_807) % 2_147_483_647
      // Not a wait for something to be so: it shall be killed wherever it is.
      await wait(random % 700)
      process.kill(launcher.pid, "SIGKILL")
      await launcher.ended
      if (folder.files.state().failed.length > 0) break
    }
    folder.launch(runtime)
    await until("an agent", () => {
      const last = folder.started().at(-1)
      return last !== undefined && isAlive(last.pid) ? true : undefined
    })
    await until("the versions to be settled", () => (folder.files.state().next === null ? true : undefined))
    const { current, failed } = folder.files.state()
    // Three kills before it was welcomed are enough to take it for the cause.
    expect(failed.includes(next) || current === next).toBe(true)
  }, 60_000)

  it("runs the version before when the current one's file is damaged", async () => {
    const { old, next } = waiting(agents.good("new"))
    const launcher = folder.launch(runtime)
    await running("new")
    process.kill(launcher.pid, "SIGTERM")
    await launcher.ended
    writeFileSync(folder.files.path(next), "damaged")
    folder.launch(runtime)
    await running("old")
    expect(folder.files.state().previous).toBe(old)
  })

  it("runs what is current when the disk takes nothing more", async () => {
    waiting(agents.good("new"))
    // Where a folder is, no file can be put: as little as on a full disk.
    mkdirSync(join(folder.data, "agent/next.new"))
    const launcher = folder.launch(runtime)
    await running("old")
    expect(folder.names()).toEqual(["old"])
    expect(launcher.output()).toContain("cannot be written")
  })

  it("says what to do when there is nothing to run", async () => {
    const launcher = folder.launch(runtime)
    expect(await launcher.ended).toBe(1)
    expect(launcher.output()).toContain("run the installation script again")
  })
})
