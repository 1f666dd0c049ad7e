import type { Source } from "@skypanel/contract/Source"
import { expect, it } from "vitest"
import { sourceProblem } from "./sourceProblem.ts"

const git = (url: string, kind?: string): Source => ({
  ...{ _tag: "git", url, ref: null },
  ...(kind !== undefined && { overrides: { build: { kind } } }),
})
const image = (reference: string): Source => ({ _tag: "image", reference })

it.each([
  [git("https://git.example.com/a.git"), null],
  [git("https://git.example.com/a.git", "python"), null],
  [git("https://git.example.com/a.git", "cobol"), "overrides.build.kind"],
  [git("file:///etc"), "url"],
  [git("https://127.0.0.1/a.git"), "url"],
  [image("nginx:1.27"), null],
  [image("localhost/x"), "reference"],
  [{ _tag: "expression", expression: "1" } as const, null],
])("%j: %s", (source, field) => {
  expect(sourceProblem(source, false)?.field ?? null).toBe(field)
})

it("lets private hosts be where the installation does", () => {
  expect(sourceProblem(git("https://127.0.0.1/a.git"), true)).toBeNull()
})
