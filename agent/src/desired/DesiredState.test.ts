import { readFileSync, statSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import type { Desired } from "@skypanel/contract/AgentProtocol"
import { Effect, Layer } from "effect"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { settings, temporaryFolder } from "../../test/edge.ts"
import { assignment } from "../builder/testing/Workbench.ts"
import { AgentConfig } from "../config.ts"
import { DesiredState, nothing } from "./DesiredState.ts"

const desired: Desired = { ...nothing, generation: 41 }
let data: ReturnType<typeof temporaryFolder>
beforeEach(() => {
  data = temporaryFolder()
})
afterEach(() => data.remove())

const withState = <A>(use: (state: DesiredState["Service"]) => Effect.Effect<A>) =>
  DesiredState.use(use).pipe(
    Effect.provide(DesiredState.layer),
    Effect.provide(Layer.succeed(AgentConfig, settings({ dataFolder: data.folder }))),
    Effect.runPromise,
  )
const current = () => withState((state) => Effect.sync(() => state.current()))

describe("the desired state", () => {
  it("is known again after a start, but is not the platform's word to this agent", async () => {
    await withState((state) => state.accept(desired))
    expect(await current()).toEqual(desired)
    expect(await withState((state) => Effect.sync(() => state.isFresh()))).toBe(false)
  })

  it("is readable by this user only: upload tokens are in it", async () => {
    await withState((state) => state.accept(desired))
    expect(statSync(join(data.folder, "desired.json")).mode & 0o077).toBe(0)
  })

  it("keeps on disk nothing that fetches a customer's source", async () => {
    const access = { _tag: "token", username: "git", token: "a-secret-of-a-customer" } as const
    const build = { ...assignment({ _tag: "git", url: "https://example.org/a", ref: null }), access }
    await withState((state) => state.accept({ ...desired, builds: [build] }))
    expect(readFileSync(join(data.folder, "desired.json"), "utf8")).not.toContain(access.token)
    expect((await current()).builds).toMatchObject([{ id: build.id, access: null }])
  })

  it.each(["", "{", '{"_tag":"welcome"}', '{"_tag":"desired","generation":"x"}'])(
    "is nothing where the disk holds %j",
    async (text) => {
      writeFileSync(join(data.folder, "desired.json"), text)
      expect((await current()).generation).toBe(0)
    },
  )

  it("counts at once, also where the disk takes nothing", async () => {
    data.remove()
    writeFileSync(data.folder, "in the way")
    const seen = await withState((state) =>
      Effect.map(state.accept(desired), () => [state.current(), state.isFresh()]),
    )
    expect(seen).toEqual([desired, true])
    expect(readFileSync(data.folder, "utf8")).toBe("in the way")
  })
})
