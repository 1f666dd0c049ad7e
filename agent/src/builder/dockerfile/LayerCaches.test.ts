import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Effect } from "effect"
import { afterAll, describe, expect, test } from "vitest"
import { newServiceId } from "../testing/Dockerfiles.ts"
import { until } from "../testing/Processes.ts"
import { leaving, makeLayerCaches } from "./LayerCaches.ts"
import { measureFolder } from "./LayerFigures.ts"

const kept = (id: string, bytes: number, usedAt: number, files = 1) => ({
  id,
  figures: { bytes, files },
  usedAt,
})
const limits = { service: { bytes: 60, files: 6 }, all: { bytes: 100, files: 10 }, keptMs: 1000 }

describe("layers", () => {
  test("of those longest unused leave until the others fit, by bytes and by files", () => {
    expect(leaving([kept("a", 40, 1), kept("b", 40, 3), kept("c", 40, 2)], limits, 4)).toEqual(["a"])
    expect(leaving([kept("a", 40, 1), kept("b", 60, 2)], limits, 4)).toEqual([])
    expect(leaving([kept("a", 1, 1, 5), kept("b", 1, 2, 6)], limits, 4)).toEqual(["a"])
  })
  test("that are too large, or were not used for long, leave whatever room there is", () => {
    expect(leaving([kept("a", 61, 4), kept("b", 1, 4)], limits, 4)).toEqual(["a"])
    expect(leaving([kept("a", 1, 4, 7), kept("b", 1, 4)], limits, 4)).toEqual(["a"])
    expect(leaving([kept("a", 1, 4)], limits, 1005)).toEqual(["a"])
  })
  test("that cannot be measured leave", () => {
    expect(leaving([{ id: "a", figures: null, usedAt: 4 }, kept("b", 1, 4)], limits, 4)).toEqual(["a"])
  })
})

const top = mkdtempSync(join(tmpdir(), "skypanel-layers-"))
afterAll(() => rmSync(top, { recursive: true }))

test("a folder is measured by its bytes and its files; one that is not there is not", async () => {
  const folder = mkdtempSync(join(top, "measured-"))
  writeFileSync(join(folder, "a"), "x".repeat(10_000))
  const figures = await Effect.runPromise(measureFolder(folder))
  expect(figures?.files).toBe(2)
  expect(figures?.bytes).toBeGreaterThan(10_000)
  expect(await Effect.runPromise(measureFolder(join(folder, "none")))).toBeNull()
})

const isRoot = process.getuid?.() === 0
describe.skipIf(!isRoot)("a service's layers", () => {
  /** A builder's folder with these services' layers. */
  const builder = (...ids: ReadonlyArray<string>) => {
    const dataFolder = mkdtempSync(join(top, "data-"))
    for (const id of ids) mkdirSync(join(dataFolder, "layers", id), { recursive: true })
    return { config: { dataFolder }, layers: join(dataFolder, "layers"), folder: join(dataFolder, "build") }
  }
  /** Something that begins and, when it is told so, ends without having measured anything. */
  const slow = () => {
    const { promise: begun, resolve: begin } = Promise.withResolvers<void>()
    const { promise: ended, resolve } = Promise.withResolvers<null>()
    return { begun, begin, ended, end: () => resolve(null) }
  }
  const most = { ...limits, keptMs: 1_000_000 }

  test("are measured after a build with them, and the others' are remembered", async () => {
    const [one, other] = [newServiceId(), newServiceId()]
    const { config, layers, folder } = builder(one, other)
    const measured: Array<string> = []
    const measure = (path: string) =>
      Effect.sync(() => {
        measured.push(path.slice(layers.length + 1))
        return { bytes: 1, files: 1 }
      })
    const isKnown = (id: string) => existsSync(join(layers, `${id}.json`))
    await Effect.gen(function* () {
      const caches = yield* makeLayerCaches(config, most, measure)
      yield* Effect.promise(() => until("both are known", async () => isKnown(one) && isKnown(other)))
      yield* Effect.scoped(caches.open({ folder, assignment: { serviceId: one } }))
      yield* Effect.promise(() => until("it is known again", async () => isKnown(one)))
    }).pipe(Effect.scoped, Effect.runPromise)
    expect(measured.toSorted()).toEqual([one, one, other].toSorted())
  })

  test("that are too large are removed, with what an earlier agent has left of such; no build waits for it", async () => {
    const [one, left] = [newServiceId(), `${newServiceId()}.gone-1`]
    const { config, layers, folder } = builder(left)
    const { ended, end } = slow()
    await Effect.gen(function* () {
      const caches = yield* makeLayerCaches(config, most, () => Effect.promise(() => ended))
      const opened = yield* Effect.scoped(caches.open({ folder, assignment: { serviceId: one } }))
      expect(existsSync(opened)).toBe(true)
      end()
      yield* Effect.promise(() => until("all is gone", async () => readdirSync(layers).length === 0))
    }).pipe(Effect.scoped, Effect.runPromise)
  })

  test("are not removed under a build, whatever was measured before it", async () => {
    const one = newServiceId()
    const { config, layers, folder } = builder(one)
    utimesSync(join(layers, one), 1, 1)
    const { begun, begin, ended, end } = slow()
    const measure = () =>
      Effect.promise(() => {
        begin()
        return ended
      })
    await Effect.gen(function* () {
      const caches = yield* makeLayerCaches(config, most, measure)
      yield* Effect.promise(() => begun)
      yield* Effect.scoped(
        Effect.gen(function* () {
          const opened = yield* caches.open({ folder, assignment: { serviceId: one } })
          end()
          yield* Effect.promise(() => new Promise((resolve) => setImmediate(resolve)))
          expect(existsSync(opened)).toBe(true)
        }),
      )
      yield* Effect.promise(() => until("it is gone", async () => readdirSync(layers).length === 0))
    }).pipe(Effect.scoped, Effect.runPromise)
  })
  test("that could not be opened once are opened the next time", async () => {
    const one = newServiceId()
    const { config, layers, folder } = builder()
    const space = { folder, assignment: { serviceId: one } }
    writeFileSync(layers, "a file where the folder is to be")
    await Effect.gen(function* () {
      const caches = yield* makeLayerCaches(config, most)
      expect((yield* Effect.exit(Effect.scoped(caches.open(space))))._tag).toBe("Failure")
      rmSync(layers)
      expect(yield* Effect.scoped(caches.open(space))).toBe(join(layers, one))
    }).pipe(Effect.scoped, Effect.runPromise)
  })
})
