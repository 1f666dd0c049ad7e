import { join } from "node:path"
import { expect, it } from "vitest"
import manifest from "../package.json" with { type: "json" }
import { skypanel } from "./run.ts"

it("starts from its sources, as it is started by hand", async () => {
  const program = join(import.meta.dirname, "../bin/skypanel.mjs")
  expect(await skypanel(["--version"], { program })).toMatchObject({
    code: 0,
    out: expect.stringContaining(manifest.version),
  })
})
