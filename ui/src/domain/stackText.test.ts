import { expect, it } from "vitest"
import { sampleStack } from "./sampleStack.ts"
import { partsInText, placedIssues, readStackText } from "./stackText.ts"

const text = `{
  "name": "shop",
  "services": {
    "db": { "needs": [] },
    "web": {
      "git": "file:///etc",
      "needs": ["db", "gone"]
    }
  }
}`

it("says in which line what is wrong stands, by the names of the file", () => {
  const issue = (path: string) => ({ path, message: "" })
  const issues = ["definition.services.web.needs", "definition.services.web.source.url", "definition.title"]
  expect(placedIssues(text, issues.map(issue)).map(({ path, line }) => [path, line])).toEqual([
    ["services.web.needs", 7],
    ["services.web.git", 6],
    ["title", null],
  ])
})

it("draws what the text names, each right of what it needs, also where that is a circle", () => {
  const keys = (services: object) => partsInText(JSON.stringify({ services }))?.map(({ key }) => key)
  expect(keys({ web: { needs: ["db"] }, db: {} })).toEqual(["db", "web"])
  expect(keys({ a: { needs: ["b"] }, b: { needs: ["a"] }, c: null })).toEqual(["c", "a", "b"])
  expect(partsInText("{")).toBeNull()
  expect(partsInText("null")).toBeNull()
})

it("begins with a stack that can be read", () => {
  expect(readStackText(sampleStack, "", false)).toMatchObject({
    request: { name: "shop", definition: { services: { db: {}, web: { needs: ["db"] } } } },
  })
  expect(readStackText("{", "", false).issues).toMatchObject([{ path: "stack.json", line: null }])
})
