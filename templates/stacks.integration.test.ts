import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { templatesFolder } from "../nixos/embedded/evaluation.ts"
import { bare, buildTemplate, usePreparedSet } from "./building.ts"

usePreparedSet()

const stacks = join(templatesFolder, "stacks")
const foldersOf = (folder: string) =>
  readdirSync(folder, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []))

/** Of each part: the programs that are in its closure, and must be. */
const programs: Record<string, ReadonlyArray<string>> = {
  notes: ["python3", "python3.11-psycopg2"],
  postgresql: ["bash", "coreutils", "postgresql-empty", "postgresql_15"],
  redis: ["bash", "redis"],
  visits: ["python3", "python3.11-redis"],
  "visits-worker": ["python3", "python3.11-redis"],
}

describe("the parts of stacks", () => {
  it.each(Object.keys(programs))("%s is built with what it runs, and nothing large besides", async (part) => {
    const { closure } = await buildTemplate(`stacks/parts/${part}`)
    const names = bare(closure)
    expect(names).toEqual(expect.arrayContaining([...programs[part]!]))
    expect(names.filter((name) => /llvm|perl|stdenv|systemd-/.test(name))).toEqual([])
  })

  it("are those that the stacks name, and none of the library", () => {
    const named = foldersOf(stacks)
      .filter((name) => name !== "parts")
      .flatMap((name) => {
        const { services } = JSON.parse(readFileSync(join(stacks, name, "stack.json"), "utf8"))
        return Object.values(services).map((service) => (service as { template: string }).template)
      })
    expect([...new Set(named)].sort()).toEqual(foldersOf(join(stacks, "parts")).sort())
    expect(
      foldersOf(join(stacks, "parts")).filter((name) => foldersOf(templatesFolder).includes(name)),
    ).toEqual([])
  })
})
