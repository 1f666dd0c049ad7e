import type { KnownHash } from "@skypanel/contract/LearnedHash"
import { expect, it } from "vitest"
import { usePlatform } from "./usePlatform.ts"

const { platform, run } = usePlatform()

const goSum = (digit: string): KnownHash => ({
  kind: "go-modules",
  subject: "go.sum",
  lock: `sha256:${"ab".repeat(31)}${digit}0`,
  hash: `sha256-${digit.repeat(42)}A=`,
  deployment: 7,
  learnedAt: "2026-11-26T10:00:00.000Z",
  usedAt: "2026-11-26T10:00:00.000Z",
})

const known = [goSum("1"), { ...goSum("2"), lock: `sha256:${"cd".repeat(32)}` }]

it("learned hashes are listed with their lock files", async () => {
  await run("deploy", "shop", "--git", "https://git.example.com/shop.git")
  expect((await run("learned", "list", "shop")).out).toContain("No hash was learned")
  platform().state.learned = known
  const listed = (await run("learned", "list", "shop")).out
  expect(listed).toContain("go.sum")
  expect(listed).toContain("cdcdcdcdcdcd ")
  expect(JSON.parse((await run("learned", "list", "shop", "--json")).out)).toEqual(known)
})

it("a learned hash is forgotten by how its lock file's digest begins", async () => {
  await run("deploy", "shop", "--git", "https://git.example.com/shop.git")
  platform().state.learned = [...known, goSum("3")]
  expect((await run("learned", "forget", "shop", "sha256:")).code).toBe(2)
  expect((await run("learned", "forget", "shop", "abab")).err).toContain("2 learned hashes")
  expect((await run("learned", "forget", "shop", "CDCDCD")).out).not.toContain("cdcdcdcdcdcd ")
  expect(platform().state.requests).toContain(`forget sha256:${"cd".repeat(32)}`)
})
