import { readdir } from "node:fs/promises"
import { Effect } from "effect"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { processesWith, until } from "./testing/Processes.ts"
import { program } from "./testing/Programs.ts"
import { assignment, openWorkbench, type Workbench } from "./testing/Workbench.ts"

let bench: Workbench
beforeAll(async () => {
  bench = await openWorkbench()
}, 180_000)
afterAll(async () => {
  await bench?.close()
})

describe("the builder", { timeout: 60_000 }, () => {
  const endless = (word: string) =>
    assignment({
      _tag: "expression",
      expression: program(
        word,
        `echo started; sh -c 'while :; do sleep 1; done' ${word} & sh -c 'trap "" TERM INT; while :; do sleep 1; done' ${word}`,
      ),
    })

  test("ends a canceled build with all its processes, within 5 s", async () => {
    const build = endless(`canceled${Date.now()}`)
    const word = (build.source as { expression: string }).expression.match(/canceled\d+/)![0]
    await bench.assign(build)
    await until("it has started", async () => (await processesWith(word)) >= 2)
    const before = Date.now()
    await bench.assign({ ...build, canceled: true })
    const { observed } = await bench.finished(build.id)
    expect(observed.failure).toMatchObject({ code: "canceled" })
    await until("its processes are gone", async () => (await processesWith(word)) === 0)
    expect(Date.now() - before).toBeLessThan(5000)
    expect(await readdir(`${bench.config.dataFolder}/builds`)).not.toContain(build.id)
    await bench.unassign(build.id)
  })
  test("ends and forgets a build that is no longer assigned, and starts it again when it is", async () => {
    const build = endless(`forgotten${Date.now()}`)
    await bench.assign(build)
    await until("it builds", async () => (await bench.observed(build.id))?.phase === "building")
    await bench.unassign(build.id)
    await bench.assign(build)
    await until("it builds again", async () => (await bench.observed(build.id))?.phase === "building")
    await bench.unassign(build.id)
    await until("it is forgotten", async () => (await bench.observed(build.id)) === undefined)
  })
  test("leaves nothing of a build that ends at any instant", async () => {
    const mark = `instant${Date.now()}`
    for (let round = 0; round < 12; round++) {
      const build = endless(mark)
      await bench.assign(build)
      await new Promise((resolve) => setTimeout(resolve, round * 25))
      await bench.unassign(build.id)
    }
    // Builds that nobody wants any more are not observed while they end.
    await until("their processes are gone", async () => (await processesWith(mark)) === 0)
    const folder = `${bench.config.dataFolder}/builds`
    await until("nothing works in their folders", async () => (await processesWith(folder)) === 0)
    await until("their folders are gone", async () => (await readdir(folder)).length === 0)
  })
  test("does not start a canceled build", async () => {
    const build = { ...endless("never"), canceled: true }
    await bench.assign(build)
    expect(await bench.observed(build.id)).toMatchObject({ phase: "failed", failure: { code: "canceled" } })
  })
  test("does no more than its number of builds at a time", async () => {
    const builds = [1, 2, 3].map((n) => endless(`many${n}x${Date.now()}`))
    for (const build of builds) await bench.assign(build)
    const phases = () => Promise.all(builds.map(async ({ id }) => (await bench.observed(id))?.phase))
    await until(
      "two build",
      async () => (await phases()).filter((phase) => phase === "building").length === 2,
    )
    expect((await phases()).filter((phase) => phase === "waiting")).toHaveLength(1)
    for (const { id } of builds) await bench.unassign(id)
    await until("all are gone", async () => (await phases()).every((phase) => phase === undefined))
  })
  test("keeps what is not stored for a new session", async () => {
    const { observed } = await bench.build({
      _tag: "expression",
      expression: program("kept", "echo a; echo b", Math.random()),
    })
    const replayed = async () =>
      (await Effect.runPromise(bench.builds.replay))
        .filter(({ buildId }) => buildId === observed.id)
        .flatMap(({ lines }) => lines)
    expect((await replayed()).at(-1)?.seq).toBe(observed.logSeq)
    await Effect.runPromise(bench.builds.stored(observed.id, observed.logSeq - 1))
    expect(await replayed()).toHaveLength(1)
    await Effect.runPromise(bench.builds.stored(observed.id, observed.logSeq))
    expect(await replayed()).toEqual([])
  })
})
