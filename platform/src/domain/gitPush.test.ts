import { describe, expect, it } from "vitest"
import { isAsBelieved, parseRefUpdate, planPush, remoteLine } from "./gitPush.ts"

const [none, one, two] = ["0".repeat(40), "1".repeat(40), "2".repeat(40)]
const update = (ref: string, after = two, before = one) => ({ before, after, ref })

describe("a push", () => {
  it("of main deploys it, forced or not, and the first one too", () => {
    for (const before of [one, none])
      expect(planPush("web", true, [update("refs/heads/main", two, before)])).toEqual({
        _tag: "deploy",
        main: update("refs/heads/main", two, before),
        lines: [],
      })
    expect(planPush("web", false, [update("refs/heads/main", two, none)])._tag).toBe("deploy")
  })
  it("of another branch keeps it, and says so", () => {
    const plan = planPush("web", true, [update("refs/heads/topic")])
    expect(plan._tag).toBe("stored")
    expect(plan.lines[0]).toMatch(/topic is kept and not deployed.*git push skypanel topic:main/)
    expect(planPush("web", true, [update("refs/heads/topic", none)])).toEqual({ _tag: "stored", lines: [] })
    expect(planPush("web", false, [update("refs/heads/topic")])._tag).toBe("refused")
    expect(planPush("web", true, [update("refs/heads/topic"), update("refs/heads/main")])).toMatchObject({
      _tag: "deploy",
      lines: [expect.stringMatching(/topic is kept/)],
    })
  })
  it("of a branch below main is refused: Git could keep only one of them", () => {
    expect(planPush("web", true, [update("refs/heads/main/x", two, none)])).toMatchObject({
      _tag: "refused",
      lines: [expect.stringMatching(/no place for main\/x/), expect.anything()],
    })
  })
  it("believes of main what is true, or not", () => {
    expect(isAsBelieved(update("refs/heads/main"), one)).toBe(true)
    expect(isAsBelieved(update("refs/heads/main"), two)).toBe(false)
    expect(isAsBelieved(update("refs/heads/main"), null)).toBe(false)
    expect(isAsBelieved(update("refs/heads/main", two, none), null)).toBe(true)
    expect(isAsBelieved(update("refs/heads/main", two, none), one)).toBe(false)
  })
  it("of tags, and one that deletes main, is refused with what to do", () => {
    expect(planPush("web", true, [update("refs/tags/v1"), update("refs/heads/main")])).toMatchObject({
      _tag: "refused",
      lines: [expect.stringMatching(/tags\/v1 is none/), expect.stringMatching(/git push skypanel main/)],
    })
    expect(planPush("web", true, [update("refs/heads/main", none)])).toMatchObject({
      _tag: "refused",
      lines: [expect.stringMatching(/cannot be deleted/), expect.stringMatching(/skypanel delete web/)],
    })
  })
})

it("reads the lines that hooks get", () => {
  expect(parseRefUpdate(`${one} ${two} refs/heads/main`)).toEqual(update("refs/heads/main"))
  for (const line of ["", "x y z", `${one} ${two}`, `${one} ${two} a b`])
    expect(parseRefUpdate(line)).toBeNull()
})

it("shows lines as plain text of a bounded length", () => {
  expect(remoteLine("\u001b[31mred\u001b[0m \u001b]0;title\u0007and\ttab\r")).toBe("red and    tab")
  expect(remoteLine("a\nremote: forged\u009b2J")).toBe("a remote: forged 2J")
  expect(remoteLine("x".repeat(10_000))).toHaveLength(500)
})
