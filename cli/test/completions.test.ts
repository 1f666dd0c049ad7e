import { describe, expect, it } from "vitest"
import { skypanel } from "./run.ts"

describe("shell completions", () => {
  it.each(["bash", "zsh", "fish"])(
    "of %s know the commands beneath workers and notifications",
    async (shell) => {
      const { code, out } = await skypanel(["--completions", shell])
      expect(code).toBe(0)
      for (const word of [
        "move-services",
        "installations",
        "policy",
        "preferences",
        "allow-from",
        "replicas",
      ])
        expect(out).toContain(word)
    },
  )
})
