import { expect, test } from "vitest"
import { procfileProcesses } from "./Procfile.ts"

test("a Procfile is read line by line", () => {
  const web = (text: string) => procfileProcesses(text).get("web") ?? null
  expect(web("web: a\r\nworker: b\r\n")).toBe("a")
  expect(web("worker: b\n")).toBeNull()
  expect(web("# web: no\nwebsite: x\n")).toBeNull()
  expect(web("web:\nworker: b")).toBeNull()
  expect([...procfileProcesses("web: a\nworker : b  \nweb: c\n")]).toEqual([
    ["web", "a"],
    ["worker", "b"],
  ])
})
