import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
// @ts-expect-error plain JavaScript: it runs before anything is installed
import { missingNpmPackages } from "./npm-packages.mjs"

let folder = ""
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "skypanel-npm-"))
  write("package-lock.json", {
    "": { version: "1.0.0" },
    contract: { version: "0.1.0" },
    "node_modules/@skypanel/contract": { link: true, resolved: "contract" },
    "node_modules/a": { version: "1.0.0" },
    "node_modules/a/node_modules/b": { version: "2.0.0" },
    "node_modules/for-another-machine": { version: "3.0.0", optional: true },
  })
})
afterEach(() => rmSync(folder, { recursive: true }))

const write = (file: string, packages: object) => {
  mkdirSync(join(folder, "node_modules"), { recursive: true })
  writeFileSync(join(folder, file), JSON.stringify({ packages }))
}

describe("missingNpmPackages", () => {
  it("is everything in a fresh clone", () => {
    expect(missingNpmPackages(folder)).toEqual(["node_modules/a", "node_modules/a/node_modules/b"])
  })

  it("is what is missing or of another version", () => {
    write("node_modules/.package-lock.json", { "node_modules/a": { version: "1.0.1" } })
    expect(missingNpmPackages(folder)).toEqual(["node_modules/a", "node_modules/a/node_modules/b"])
  })

  it("is nothing after an install, whatever else is there", () => {
    write("node_modules/.package-lock.json", {
      "node_modules/a": { version: "1.0.0" },
      "node_modules/a/node_modules/b": { version: "2.0.0" },
      "node_modules/c": { version: "9.0.0" },
    })
    expect(missingNpmPackages(folder)).toEqual([])
  })
})
