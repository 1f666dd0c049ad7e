import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { acceptedOf, type KnownSecret, learn, sentOf } from "./secrets.ts"

const secret = (n: number) => `secret-number-${String(n).padStart(4, "0")}`
const minute = 60_000

describe("the secret of the fleet", () => {
  it("is used at once when it is the first", () => {
    const known = learn([], secret(1), 0)
    expect(sentOf(known, 0)).toBe(secret(1))
    expect(acceptedOf(known, 0)).toEqual([secret(1)])
  })

  it("is accepted before it is used, and for some minutes after", () => {
    const known = learn(learn([], secret(1), 0), secret(2), minute)
    expect(sentOf(known, minute + 9_999)).toBe(secret(1))
    expect(sentOf(known, minute + 10_000)).toBe(secret(2))
    expect(acceptedOf(known, minute)).toEqual([secret(1), secret(2)])
    expect(acceptedOf(known, 6 * minute - 1)).toEqual([secret(1), secret(2)])
    expect(acceptedOf(known, 6 * minute)).toEqual([secret(2)])
  })

  it.each(["", "short", "x".repeat(201), `${"x".repeat(20)} y`, `${"x".repeat(20)}\n`, `${"x".repeat(20)};`])(
    "is none when it is %j",
    (text) => {
      expect(learn([], text, 0)).toEqual([])
      const known = learn([], secret(1), 0)
      expect(learn(known, text, 1)).toBe(known)
    },
  )

  it("is nothing before the platform has said one", () => {
    expect(sentOf([], 0)).toBeNull()
    expect(acceptedOf([], 0)).toEqual([])
  })

  it("is always accepted by a worker that learned of it within ten seconds of the sender", () => {
    const changes = fc.array(fc.integer({ min: 15_000, max: 10 * minute }), { minLength: 1, maxLength: 20 })
    fc.assert(
      fc.property(
        changes,
        fc.integer({ min: 0, max: 9_000 }),
        fc.integer({ min: 0, max: 5_000 }),
        (gaps, lateMs, afterMs) => {
          let [first, second]: [ReadonlyArray<KnownSecret>, ReadonlyArray<KnownSecret>] = [[], []]
          let at = 0
          for (const [n, gap] of gaps.entries()) {
            first = learn(first, secret(n), at)
            const agree = (nowMs: number) => {
              const ofFirst = sentOf(first, nowMs)
              if (second.length > 0 && ofFirst !== null) expect(acceptedOf(second, nowMs)).toContain(ofFirst)
              const ofSecond = sentOf(second, nowMs)
              if (ofSecond !== null) expect(acceptedOf(first, nowMs)).toContain(ofSecond)
            }
            agree(at + lateMs)
            second = learn(second, secret(n), at + lateMs)
            agree(at + lateMs + afterMs)
            at += gap
          }
        },
      ),
    )
  })
})
