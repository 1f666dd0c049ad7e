import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Effect } from "effect"
import { afterAll, beforeAll, expect, it } from "vitest"
import { evaluateWith, type PreparedSet, prepare, realise } from "../../../nixos/embedded/evaluation.ts"
import { runConfined } from "./ConfinedProcess.ts"
import { confine } from "./Confinement.ts"
import { openControlGroup } from "./ControlGroup.ts"
import { findHost } from "./HostFolders.ts"

let set: PreparedSet
let folder = ""
beforeAll(async () => {
  set = await prepare()
  folder = await mkdtemp(join(tmpdir(), "skypanel-host-"))
}, 1_500_000)
afterAll(() => rm(folder, { recursive: true, force: true }))

const build = async (expression: string) =>
  realise(set, await evaluateWith(set, "unused", { path: set.entry, narHash: set.narHash }, expression))

/** What a fetch prints whose programs are in the store only. */
const fetchRuns = (programs: string | undefined, path: string, command: ReadonlyArray<string>) => {
  const lines: Array<string> = []
  return Effect.gen(function* () {
    const host = yield* findHost(folder, programs)
    const group = yield* openControlGroup("skypanel-test-host", "fetch", {
      memoryBytes: 256 * 1024 * 1024,
      processes: 64,
      cores: 1,
    })
    const confinement = {
      as: "fetcher" as const,
      network: null,
      writable: [],
      readable: [],
      scratchBytes: 1024 * 1024,
      fileBytes: 1024 * 1024,
      addressBytes: null,
      environment: { PATH: path },
    }
    yield* runConfined(confine(host, confinement, command), {
      group,
      seconds: 20,
      outputBytes: 65_536,
      onLine: (_, line) => lines.push(line),
    })
    return lines.join("\n")
  }).pipe(Effect.scoped, Effect.runPromise)
}

it("a fetch reads the names and the certificates of /etc", { timeout: 60_000 }, async () => {
  const files = ["/etc/passwd", "/etc/hosts", "/etc/certificates"]
  const said = await fetchRuns(undefined, "/usr/bin:/bin", ["head", "--quiet", "--lines=1", ...files])
  expect(said).toContain("root:x:0:0")
  expect(said).toContain("127.0.0.1 localhost")
  expect(said).toContain("BEGIN CERTIFICATE")
})

it("a fetch whose programs are in the Nix store sees them, and nothing else of it", {
  timeout: 300_000,
}, async () => {
  const git = await build("pkgs.git.drvPath")
  const other = await build('(pkgs.writeText "another-customers" "source").drvPath')
  const closure = await build("(pkgs.writeClosure [ pkgs.git ]).drvPath")
  const program = join(git, "bin", "git")
  expect(await fetchRuns(closure, "/usr/bin:/bin", [program, "--version"])).toContain("git version")
  expect(await fetchRuns(closure, "/usr/bin:/bin", ["cat", other])).toContain("No such file")
  expect(await fetchRuns(undefined, "/usr/bin:/bin", [program, "--version"])).not.toContain("git version")
})
