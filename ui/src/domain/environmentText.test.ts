import { describe, expect, it } from "vitest"
import {
  doubledNames,
  environmentOf,
  mergeVariables,
  secretsOf,
  variableIssues,
  variablesOfService,
  withoutSecretValues,
} from "./environmentText.ts"

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

describe("secret variables", () => {
  const secrets = [
    { name: "TOKEN", version: 2, setAt: "", setBy: null, earlier: 1 },
    { name: "OLD", version: 1, setAt: "", setBy: null, earlier: 0 },
  ]
  const [plain, token, old] = variablesOfService({ environment: { A: "1" }, secrets })

  it("stay as they are where nothing is typed, get what is typed, and go with their row", () => {
    expect(environmentOf([plain!, token!, old!])).toEqual({ A: "1" })
    expect(secretsOf([plain!, token!, old!], secrets)).toEqual({})
    const rows = [plain!, { ...token!, value: "new" }, { name: "MORE", value: "x", secret: true }]
    expect(secretsOf(rows, secrets)).toEqual({ secrets: { TOKEN: "new", MORE: "x", OLD: null } })
    expect(mergeVariables([token!], [{ name: "TOKEN", value: "pasted" }])).toEqual([
      { ...token!, value: "pasted" },
    ])
  })

  it("become variables in clear only with a value, and none without one", () => {
    const shown = { ...token!, secret: false }
    const fresh = { name: "FRESH", value: "", secret: true }
    expect(variableIssues([shown, fresh, old!]).map(({ path }) => path)).toEqual([
      "environment.TOKEN",
      "environment.FRESH",
    ])
    const rows = [{ ...shown, value: "seen" }, old!]
    expect(environmentOf(rows)).toEqual({ TOKEN: "seen" })
    expect(secretsOf(rows, secrets)).toEqual({ secrets: { TOKEN: null } })
  })

  it("are kept in no browser", () => {
    expect(withoutSecretValues([plain!, { ...token!, value: "typed" }])).toEqual([plain, token])
  })
})
