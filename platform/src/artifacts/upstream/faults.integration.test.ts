import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest"
import { usePostgres } from "../../../../test/lab/fixtures.ts"
import { until } from "../../../../test/lab/until.ts"
import { type ArtifactServer, startArtifactServer } from "../../../test/artifactServer.ts"
import { makeNixStore } from "../../../test/nixStore.ts"
import * as fault from "../../../test/upstreamCache.ts"
import { hashOf, random, startUpstream, storedIn, type TestUpstream } from "../../../test/upstreamCache.ts"
import { generateSecretKey, parseSecretKey } from "../../domain/artifacts/signature.ts"

const postgres = usePostgres()
const nix = makeNixStore()
let upstream: TestUpstream
let server: ArtifactServer
let path: string
let count = 0
let database: string

const budgetMs = 400
const upstreamTimes = { budgetMs, coolDownMs: 600, hitMs: 60_000, missMs: 300, idleMs: 300 }
const ask = (of = path) => fetch(`${server.url}/cache/${hashOf(of)}.narinfo`)
const missing = (digit: number) => `/nix/store/${String(digit).repeat(32)}-x`
const askNar = async () => {
  const url = /^URL: (.*)$/m.exec(await (await ask()).text())![1]
  return fetch(`${server.url}/cache/${url}`)
}
const stored = () => storedIn(server.dataFolder)
/** A path that only the upstream cache has; another one each time. */
const addPath = async () => {
  const added = await nix.add(`path-${++count}`, { file: random(400_000, count) })
  await upstream.add(nix, "xz", added)
  return added
}
const start = async (caches: ReadonlyArray<TestUpstream["cache"]>, times = {}) => {
  server = await startArtifactServer(database, {
    openCache: true,
    upstreams: caches,
    upstreamTimes: { ...upstreamTimes, ...times },
  })
}

beforeAll(async () => {
  upstream = await startUpstream()
  database = await postgres().database()
})
beforeEach(async () => {
  path = await addPath()
  await start([upstream.cache])
  upstream.requests.length = 0
})
afterEach(async () => {
  for (const prefix of ["", "nar/", hashOf(path)]) upstream.fail(prefix, null)
  await server.close()
})
afterAll(async () => {
  await upstream.close()
  nix.remove()
})

describe("a signature", () => {
  it("of another key is a miss, which is said once", async () => {
    const stranger = parseSecretKey(generateSecretKey("upstream-50"))!.publicText
    await server.close()
    await start([{ ...upstream.cache, publicKeys: [stranger] }])
    const lines = vi.spyOn(console, "log").mockImplementation(() => undefined)
    const other = await addPath()
    expect((await ask()).status).toBe(404)
    expect((await ask(other)).status).toBe(404)
    const said = lines.mock.calls.filter((words) =>
      words.join(" ").includes("none of its keys has signed it"),
    )
    lines.mockRestore()
    expect(said).toHaveLength(1)
  })

  it.each<[string, (text: string) => string]>([
    ["that is missing", (text) => text.replace(/^Sig: .*\n/m, "")],
    ["that is of another size", (text) => text.replace(/^NarSize: .*$/m, "NarSize: 7")],
    [
      "that is of other references",
      (text) => text.replace(/^References: .*$/m, `References: ${missing(1).slice(11)}`),
    ],
  ])("%s is a miss", async (_, change) => {
    upstream.fail(
      hashOf(path),
      fault.instead((file) => Buffer.from(change(file.toString()))),
    )
    expect((await ask()).status).toBe(404)
  })
})

describe("an archive", () => {
  it("that is another than was signed is a miss, and nothing of it stays", async () => {
    upstream.fail(
      "nar/",
      fault.instead((file) => Buffer.from(file).fill(0, 200, 300)),
    )
    expect((await askNar()).status).toBe(404)
    expect(stored()).toEqual([])
    expect((await ask()).status).toBe(404)
    upstream.fail("nar/", null)
    await until("it to be asked for again", async () => ((await ask()).status === 200 ? true : null))
    expect((await askNar()).status).toBe(200)
  })

  it("of another path is a miss", async () => {
    const other = await addPath()
    const text = await (await fetch(`${upstream.url}/${hashOf(other)}.narinfo`)).text()
    const bytes = Buffer.from(
      await (await fetch(`${upstream.url}/${/^URL: (.*)$/m.exec(text)![1]}`)).arrayBuffer(),
    )
    upstream.fail(
      "nar/",
      fault.instead(() => bytes),
    )
    expect((await askNar()).status).toBe(404)
    expect(stored()).toEqual([])
  })

  it.each([
    ["is cut off in the middle", fault.cut],
    ["stops in the middle", fault.stuck],
    ["is answered with an error", fault.broken],
  ])("that %s leaves nothing, and comes when it is asked for again", async (_, wrong) => {
    upstream.fail("nar/", wrong)
    expect((await askNar()).status).toBe(503)
    expect(stored()).toEqual([])
    upstream.fail("nar/", null)
    expect((await askNar()).status).toBe(200)
  })

  it("is brought to its end when who asked for it leaves", async () => {
    const url = /^URL: (.*)$/m.exec(await (await ask()).text())![1]
    let answer: (() => void) | null = null
    upstream.fail("nar/", (_, response, file) => {
      answer = () => response.end(file)
    })
    const leaving = new AbortController()
    const asked = fetch(`${server.url}/cache/${url}`, { signal: leaving.signal }).catch(() => "left")
    const send = await until("the upstream to be asked", async () => answer)
    leaving.abort()
    expect(await asked).toBe("left")
    send()
    await until("it to be stored", async () =>
      (await (await ask()).text()).includes("FileHash") ? true : null,
    )
  })
})

describe("a cache", () => {
  it("that moved is followed, and not in a circle", async () => {
    upstream.fail(hashOf(path), fault.redirect)
    upstream.fail("nar/", fault.redirect)
    expect((await askNar()).status).toBe(200)
    upstream.fail("", fault.redirect)
    expect((await ask(missing(2))).status).toBe(404)
  })

  it("that is silent costs no more than the budget, and after three times nothing, for a while", async () => {
    upstream.fail("", fault.silent)
    for (const digit of [1, 2, 3]) {
      const from = performance.now()
      expect((await ask(missing(digit))).status).toBe(404)
      expect(performance.now() - from).toBeLessThan(budgetMs * 4)
    }
    expect(upstream.requests).toHaveLength(3)
    for (const digit of [4, 5, 6]) expect((await ask(missing(digit))).status).toBe(404)
    expect(upstream.requests).toHaveLength(3)
    upstream.fail("", null)
    await until("it to be asked again", async () => ((await ask()).status === 200 ? true : null))
  })

  it("that did not answer is not taken for one that has not what was asked for", async () => {
    await server.close()
    await start([upstream.cache], { missMs: 600_000 })
    upstream.fail("", fault.broken)
    expect((await ask()).status).toBe(404)
    upstream.fail("", null)
    expect((await ask()).status).toBe(200)
  })

  it("that answers with errors is left alone, too", async () => {
    upstream.fail("", fault.broken)
    for (const digit of [1, 2, 3, 4, 5]) expect((await ask(missing(digit))).status).toBe(404)
    expect(upstream.requests).toHaveLength(3)
  })

  it("that has not what is asked for is no fault", async () => {
    for (const digit of [1, 2, 3, 4, 5]) expect((await ask(missing(digit))).status).toBe(404)
    expect(upstream.requests).toHaveLength(5)
  })

  it("is asked again when another one had the answer sooner than the one request that was to see", async () => {
    const first = await startUpstream(10)
    await server.close()
    await start([first.cache, upstream.cache], { coolDownMs: 2000 })
    try {
      await first.add(nix, "zstd", path)
      upstream.fail("", fault.broken)
      for (const digit of [1, 2, 3]) await ask(missing(digit))
      upstream.fail("", fault.silent)
      upstream.requests.length = 0
      // It is asked, and the answer of the first is there before its own.
      await until("it to be asked again", async () => {
        const other = await nix.add(`sooner-${++count}`, { file: random(100, count) })
        await first.add(nix, "zstd", other)
        expect((await ask(other)).status).toBe(200)
        return upstream.requests.length > 0 ? true : null
      })
      await ask(missing(4))
      expect(upstream.requests).toContain(`${hashOf(missing(4))}.narinfo`)
    } finally {
      await first.close()
    }
  })

  it("is taken before another by its priority, and the other when it is silent", async () => {
    const first = await startUpstream(10)
    await server.close()
    await start([upstream.cache, first.cache])
    try {
      await first.add(nix, "zstd", path)
      expect(await (await ask()).text()).toContain("Sig: upstream-10:")
      const other = await addPath()
      first.fail("", fault.silent)
      expect(await (await ask(other)).text()).toContain("Sig: upstream-50:")
    } finally {
      await first.close()
    }
  })
})
