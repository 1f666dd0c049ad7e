import { describe, expect, it } from "vitest"
import { doubledNames, mergeVariables } from "./environmentText.ts"

describe("variables", () => {
  it("are merged by name, and empty rows go", () => {
    const existing = [
      { name: "A", value: "1" },
      { name: "", value: "" },
      { name: "B", value: "2" },
    ]
    expect(
      mergeVariables(existing, [
        { name: "B", value: "3" },
        { name: "C", value: "4" },
      ]),
    ).toEqual([
      { name: "A", value: "1" },
      { name: "B", value: "3" },
      { name: "C", value: "4" },
    ])
  })

  it("that are there twice are found", () => {
    expect(
      doubledNames([
        { name: "A", value: "1" },
        { name: "B", value: "" },
        { name: "A", value: "2" },
      ]),
    ).toEqual(["A"])
  })
})
