import { describe, expect, it } from "vitest"
import { deedOf, type Standing } from "./newerImage.ts"

const built = (revision: string | null, finished = true) => ({ revision, finished })
const standing = (more: Partial<Standing>): Standing => ({
  action: "deploy",
  digest: "two",
  serves: "one",
  newest: built("one"),
  deployed: false,
  ...more,
})

describe("what a digest that a tag leads to is followed by", () => {
  it.each<readonly [string, Partial<Standing>, string]>([
    ["a newer one is deployed", {}, "deploy"],
    ["also where nothing serves", { serves: null, newest: built(null) }, "deploy"],
    ["not while a deployment may be of it", { newest: built(null, false) }, "wait"],
    ["not where one is being built", { newest: built("two", false) }, "nothing"],
    ["not where it was built and did not get live", { newest: built("two") }, "nothing"],
    ["not where it was deployed before", { deployed: true }, "nothing"],
    ["not where it serves, whatever was built since", { serves: "two", newest: built("three") }, "nothing"],
    ["members are told of a newer one", { action: "notify" }, "tell"],
    ["not where nothing serves", { action: "notify", serves: null }, "nothing"],
    ["not of what is being deployed", { action: "notify", newest: built("two", false) }, "nothing"],
    ["nothing, where nothing is wanted", { action: "off" }, "nothing"],
  ])("%s", (_, more, deed) => expect(deedOf(standing(more))).toBe(deed))
})
