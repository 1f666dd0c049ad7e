import { DeploymentId } from "@skypanel/contract/Id"
import { Schema } from "effect"
import { describe, expect, it } from "vitest"
import { whyTooLarge } from "./capacity.ts"
import { newBuildId, newDeploymentId, newId } from "./id.ts"
import { buildOfUploadToken, uploadToken } from "./uploadToken.ts"

describe("ids", () => {
  it("fit the contract and sort by age", () => {
    expect(Schema.is(DeploymentId)(newDeploymentId())).toBe(true)
    expect(newId("dep", 1_000) < newId("dep", 2_000)).toBe(true)
  })

  it("do not repeat", () => {
    expect(new Set(Array.from({ length: 10_000 }, () => newId("dep", 0))).size).toBe(10_000)
  })
})

describe("upload tokens", () => {
  const build = newBuildId()
  const token = uploadToken("secret", build)

  it("name their build", () => expect(buildOfUploadToken("secret", token)).toBe(build))

  it.each([
    ["another secret's", uploadToken("other", build)],
    ["another build's", `${newBuildId()}.${token.split(".")[1]}`],
    ["a cut one", token.slice(0, -1)],
    ["nothing", ""],
    ["a bare id", build],
  ])("refuse %s", (_, given) => expect(buildOfUploadToken("secret", given)).toBe(null))
})

describe("whyTooLarge", () => {
  const GiB = 2 ** 30
  const wanted = { cpu: 4, memoryBytes: 8 * GiB, storageBytes: GiB }
  const worker = { cpu: 4, memoryBytes: 8 * GiB, diskBytes: 100 * GiB }

  it("is null when one worker fits, and when none is known", () => {
    expect(whyTooLarge(wanted, [worker])).toBe(null)
    expect(whyTooLarge(wanted, [])).toBe(null)
  })

  it("says which resource, and how much there is", () => {
    expect(whyTooLarge({ ...wanted, cpu: 5 }, [worker])).toBe("No worker has 5 CPU cores; the largest has 4.")
    expect(whyTooLarge({ ...wanted, memoryBytes: 9 * GiB }, [worker])).toContain("9 GiB of memory")
  })

  it("looks at each worker on its own", () => {
    const wide = { ...worker, memoryBytes: GiB }
    const tall = { ...worker, cpu: 1 }
    expect(whyTooLarge(wanted, [wide, tall])).toBe(
      "No one worker has that much CPU, memory and storage together.",
    )
  })
})
