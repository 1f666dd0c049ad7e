import { describe, expect, it } from "vitest"
import { afterProbe, notProbed, type Probing, pauseAfter } from "./Probing.ts"

const good = { healthy: true, words: "GET / answered 200" }
const bad = { healthy: false, words: "GET / answered 500" }
const after = (...results: ReadonlyArray<typeof good>) => results.reduce<Probing>(afterProbe, notProbed)

describe("afterProbe", () => {
  it("takes the first good answer", () => {
    expect(after(bad, bad, good)).toEqual({ healthy: true, words: good.words, failures: 0 })
  })

  it("keeps a healthy container through two failures, not through three", () => {
    expect(after(good, bad, bad).healthy).toBe(true)
    expect(after(good, bad, bad, bad)).toEqual({ healthy: false, words: bad.words, failures: 3 })
  })

  it("counts failures in a row only", () => {
    expect(after(good, bad, bad, good, bad, bad).healthy).toBe(true)
  })

  it("never makes a container healthy by failures", () => {
    expect(after(bad, bad, bad, bad).healthy).toBe(false)
  })
})

describe("pauseAfter", () => {
  it("looks often while a deployment waits, and seldom when all is well", () => {
    expect(pauseAfter(notProbed, 0)).toBeLessThanOrEqual(100)
    expect(pauseAfter(notProbed, 59_000)).toBeLessThanOrEqual(100)
    expect(pauseAfter(after(good), 0)).toBe(5_000)
  })

  it("notices within two seconds that a healthy container stopped answering, once it saw the first failure", () => {
    const first = after(good, bad)
    const second = afterProbe(first, bad)
    expect(pauseAfter(first, 1e6) + pauseAfter(second, 1e6)).toBeLessThanOrEqual(2_000)
  })
})
