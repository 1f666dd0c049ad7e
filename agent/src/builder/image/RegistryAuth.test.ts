import { describe, expect, it } from "vitest"
import { processorTime } from "../testing/ProcessorTime.ts"
import { parseChallenge } from "./RegistryAuth.ts"

describe("a challenge", () => {
  it("is read as registries write it", () => {
    expect(parseChallenge('Bearer realm="https://a.example/token",service="b",scope="c:d:pull"')).toEqual({
      scheme: "bearer",
      parameters: { realm: "https://a.example/token", service: "b", scope: "c:d:pull" },
    })
    expect(parseChallenge('  basic Realm = "x"')).toEqual({ scheme: "basic", parameters: { realm: "x" } })
    expect(parseChallenge("Basic")).toEqual({ scheme: "basic", parameters: {} })
  })

  it.each(["", "Negotiate", "Bearerrealm", `Bearer realm="${"x".repeat(4096)}"`])("%.20s is none", (header) =>
    expect(parseChallenge(header)).toBeNull(),
  )

  it("is read at once, however it is made", () => {
    const took = processorTime(() => {
      for (const part of [" ", "a", "a=", 'a="', "_ ", "= "])
        for (const times of [4000, 30_000]) parseChallenge(`Bearer ${part.repeat(times)}`.slice(0, 32_000))
    })
    expect(took).toBeLessThan(500)
  })
})
