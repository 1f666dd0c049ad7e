import { execFile } from "node:child_process"
import { randomUUID } from "node:crypto"
import { existsSync } from "node:fs"
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { promisify } from "node:util"
import { Effect } from "effect"
import { afterEach, beforeEach, expect, test } from "vitest"
import type { BuilderConfig } from "./BuilderConfig.ts"
import type { EvaluationStore } from "./EvaluationStore.ts"
import { EvaluationStores } from "./EvaluationStores.ts"

const MiB = 1024 ** 2
let dataFolder: string
let stores: EvaluationStores
beforeEach(async () => {
  dataFolder = await mkdtemp(join(tmpdir(), "skypanel-stores-"))
  stores = new EvaluationStores({ dataFolder, diskBytes: 10 * MiB } as BuilderConfig)
})
afterEach(() => rm(dataFolder, { recursive: true, force: true }))

const folderOf = (store: EvaluationStore) => dirname(dirname(store.binds[0]!.from))
const fill = async (store: EvaluationStore, bytes: number) => {
  await mkdir(folderOf(store), { recursive: true })
  await writeFile(join(folderOf(store), "file"), Buffer.alloc(bytes, 1))
}
const isThere = (store: EvaluationStore) => existsSync(folderOf(store))
const using = <A>(organizationId: string, use: (store: EvaluationStore) => Promise<A>) =>
  Effect.runPromise(
    Effect.scoped(
      Effect.flatMap(stores.open(organizationId), (store) => Effect.promise(async () => use(store))),
    ),
  )
const filled = (organizationId: string, bytes: number) =>
  using(organizationId, async (store) => {
    await fill(store, bytes)
    return store
  })
const sweep = () => Effect.runPromise(stores.sweep)

test("a store is kept for its organization's next evaluation, and for no other's", async () => {
  const store = await filled("a", MiB)
  await sweep()
  expect(isThere(store)).toBe(true)
  expect(await using("a", async (again) => again)).toBe(store)
  expect(await using("b", async (other) => other)).not.toBe(store)
})
test("one that nobody has used for an hour, or that is a day old, is removed", async () => {
  const idle = await filled("a", MiB)
  const old = await filled("b", MiB)
  idle.usedAt -= 61 * 60_000
  Object.assign(old, { since: old.since - 25 * 60 * 60_000 })
  await sweep()
  expect([idle, old].map(isThere)).toEqual([false, false])
})
test("all together take no more than a build may: the ones used last are kept", async () => {
  const first = await filled("a", 6 * MiB)
  first.usedAt -= 1000
  const second = await filled("b", 6 * MiB)
  await sweep()
  expect([first, second].map(isThere)).toEqual([false, true])
})
test("one in use is begun anew for the next, and removed after its last use", async () => {
  const store = await using("a", async (used) => {
    await fill(used, 11 * MiB)
    await sweep()
    expect(isThere(used)).toBe(true)
    const next = await filled("a", MiB)
    expect(next).not.toBe(used)
    expect(isThere(next)).toBe(true)
    return used
  })
  expect(isThere(store)).toBe(false)
})
test("one that was stopped for what it took is removed at once", async () => {
  const store = await using("a", async (used) => {
    await fill(used, 11 * MiB)
    const config = { dataFolder, diskBytes: 10 * MiB } as BuilderConfig
    expect(await Effect.runPromise(used.outgrown(config))).toBe("store")
    return used
  })
  expect(isThere(store)).toBe(false)
})
/** Made of the same derivations that nobody has seen before, one after the other, and a name of its own. */
const chain = `{ seed, name }:
  let
    of = name: dep: derivation {
      inherit name dep seed;
      system = builtins.currentSystem;
      builder = "/bin/sh";
    };
  in
  of name (builtins.foldl' (dep: n: of "link-\${toString n}" dep) "" (builtins.genList (n: n) 60))`
test("derivations with the same inputs are brought where they are built at the same time", async () => {
  await using("a", async (store) => {
    const seed = ["--argstr", "seed", randomUUID()]
    const named = async (name: string) => {
      const expression = ["--expr", chain, ...seed, "--argstr", "name", name]
      const command = ["--store", `local?root=${folderOf(store)}`, ...expression]
      return (await promisify(execFile)("nix-instantiate", command)).stdout.trim()
    }
    const paths = [await named("one"), await named("two"), await named("three")]
    await Effect.runPromise(
      Effect.all(
        paths.map((path) => store.release(path)),
        { concurrency: "unbounded" },
      ),
    )
    expect(paths.map(existsSync)).toEqual([true, true, true])
  })
})
