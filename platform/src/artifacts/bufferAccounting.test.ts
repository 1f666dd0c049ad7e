import { execFileSync } from "node:child_process"
import { expect, it } from "vitest"

it("is a flag that this V8 has", () => {
  const options = execFileSync(process.execPath, ["--v8-options"], { encoding: "utf8" })
  expect(options).toContain("--external-memory-accounted-in-global-limit")
})
