import { execFile } from "node:child_process"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { promisify } from "node:util"
import { afterAll, describe, expect, it } from "vitest"
import { readFileSystemSize, readSystemFile, readSystemLink } from "./systemFiles.ts"

const folder = mkdtempSync(join(tmpdir(), "skypanel-system-files-"))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const checkout = join(import.meta.dirname, "../..")

/** The same on Deno, with these permissions. */
const onDeno = async (expression: string, ...permissions: ReadonlyArray<string>) => {
  const file = join(folder, "try.ts")
  writeFileSync(
    file,
    `import { readFileSystemSize, readSystemFile, readSystemLink } from ${JSON.stringify(join(import.meta.dirname, "systemFiles.ts"))}
     console.log(${expression})`,
  )
  const deno = join(checkout, "node_modules/deno/deno")
  const { stdout } = await promisify(execFile)(
    deno,
    ["run", "--no-prompt", "--no-config", ...permissions, file],
    {
      env: { PATH: process.env.PATH, HOME: folder },
    },
  )
  return stdout.trim()
}
const asTheAgent = ["--allow-env", "--allow-run=cat,readlink,stat"]

describe("files of the system", () => {
  it("are read where everything is allowed", () => {
    expect(readSystemFile("/proc/meminfo")).toContain("MemTotal:")
    expect(readSystemLink("/proc/self/cwd")).toBe(process.cwd())
    expect(() => readSystemFile("/proc/none")).toThrow()
  })

  it("are read on Deno, which does not open them to an agent that may do only what it needs", async () => {
    await expect(onDeno('Deno.readTextFileSync("/proc/meminfo")', "--allow-read")).rejects.toThrow(
      "--allow-all",
    )
    expect(await onDeno('readSystemFile("/proc/meminfo")', ...asTheAgent)).toContain("MemTotal:")
    const own = `/proc/${process.pid}/exe`
    expect(await onDeno(`readSystemLink("${own}")`, ...asTheAgent)).toBe(readSystemLink(own))
    expect(
      await onDeno(
        '(() => { try { return readSystemFile("/proc/none") } catch { return "none" } })()',
        ...asTheAgent,
      ),
    ).toBe("none")
  })

  it("say how large a file system is, whosever folder that is", async () => {
    const { bsize, blocks } = await readFileSystemSize("/var/lib")
    expect(bsize * blocks).toBeGreaterThan(0)
    const line = 'JSON.stringify(await readFileSystemSize("/var/lib"))'
    expect(JSON.parse(await onDeno(line, ...asTheAgent))).toMatchObject({ bsize, blocks })
    await expect(readFileSystemSize("/nonexistent")).rejects.toThrow()
  })
})
