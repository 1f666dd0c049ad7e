import { Effect, Exit, Layer, Scope, Stream } from "effect"
import { expect, it, onTestFinished } from "vitest"
import { Builder } from "../builder/Builder.ts"
import { DesiredState, nothing } from "../desired/DesiredState.ts"
import { EngineError } from "../engine/call.ts"
import { ImageEngine } from "../engine/ImageEngine.ts"
import { Observer } from "../observer/Observer.ts"
import { CommonImages } from "./CommonImages.ts"

const repository = "registry.example.com/common"
const stuck = new EngineError({ operation: "remove image", reason: "a container is made of it" })

it("removes what is not wanted any more although another cannot be removed", async () => {
  const here = new Set(["a", "b", "c"])
  const tried: Array<string> = []
  const engine = Layer.mock(ImageEngine, {
    disk: Effect.succeed({ folder: "/", total: 100, used: 10, free: 90 }),
    digests: () => Effect.sync(() => Array.from(here)),
    remove: (reference) =>
      Effect.suspend(() => {
        const digest = reference.slice(repository.length + 1)
        tried.push(digest)
        if (digest === "a") return Effect.fail(stuck)
        here.delete(digest)
        return Effect.void
      }),
  })
  const desired = Layer.mock(DesiredState, {
    isFresh: () => true,
    current: () => ({ ...nothing, common: { repository, username: "", password: "", images: [] } }),
    changes: Stream.never,
  })
  const scope = Scope.makeUnsafe()
  onTestFinished(() => Effect.runPromise(Scope.close(scope, Exit.void)))
  const others = Layer.mergeAll(engine, desired, Observer.layerNone, Builder.layerNone)
  await Effect.runPromise(Layer.buildWithScope(CommonImages.layer.pipe(Layer.provide(others)), scope))
  await expect.poll(() => Array.from(here), { timeout: 15_000 }).toEqual(["a"])
  expect(tried).toEqual(["a", "b", "c"])
})
