import { execFileSync } from "node:child_process"
import { existsSync, readdirSync, writeFileSync } from "node:fs"
import { mkdir, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { Effect } from "effect"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { type GitServer, openGitServer } from "../../../test/lab/gitServer.ts"
import { runConfined } from "./ConfinedProcess.ts"
import { confine, samePath } from "./Confinement.ts"
import { openControlGroup, sweepControlGroups } from "./ControlGroup.ts"
import { findHost } from "./HostFolders.ts"
import { nixSettings } from "./NixSettings.ts"
import { nonce } from "./testing/Processes.ts"
import { openWorkbench, token, type Workbench } from "./testing/Workbench.ts"

const MiB = 1024 ** 2
let bench: Workbench
let git: GitServer
beforeAll(async () => {
  bench = await openWorkbench()
  git = await openGitServer()
}, 180_000)
afterAll(async () => {
  await bench?.close()
  await git?.close()
})
const repository = (url: string) => bench.build({ _tag: "git", url, ref: null })
const words = (lines: ReadonlyArray<{ readonly text: string }>) => lines.map(({ text }) => text).join("\n")

describe("a repository", { timeout: 60_000 }, () => {
  test("runs nothing while it is fetched: no hook, filter, submodule, LFS or monitor of its own", async () => {
    const trap = `#!/bin/sh\ntouch /tmp/ran-${nonce()}\n`
    const { url } = await git.commit("trap", {
      "index.html": "<p>",
      ".gitattributes": "* filter=evil diff=evil merge=evil\nlarge filter=lfs\n",
      ".gitconfig":
        '[filter "evil"]\n\tsmudge = touch /source/ran\n[core]\n\tfsmonitor = touch /source/ran\n',
      ".gitmodules":
        '[submodule "x"]\n\tpath = x\n\turl = ext::sh -c touch% /source/ran\n\tupdate = !touch ran\n',
      ".lfsconfig": "[lfs]\n\turl = http://127.0.0.1:1/\n",
      ".githooks/post-checkout": trap,
      "hooks/post-checkout": trap,
      large: "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1000000000000\n",
    })
    const { observed, lines } = await repository(url)
    // Git's own check of what it receives refuses an update command in .gitmodules.
    if (observed.failure !== null) expect(observed.failure.code).toMatch(/^source-/)
    expect(words(lines)).not.toContain("ran")
  })
  test("may have names of all kinds, and is built or refused in words", async () => {
    const { url } = await git.commit("names", { "index.html": "<p>" })
    const folder = join(git.root, "names")
    for (const name of ["a", "A", "n\nl", "e\u001b[31m", "-rf", " ", "x".repeat(255)])
      writeFileSync(join(folder, name), "")
    // By a program of its own: Deno writes no such name.
    const undecodable = (program: string) =>
      execFileSync("sh", ["-c", `${program} "$0/$(printf '\\377\\376')"`, folder])
    undecodable("touch")
    await mkdir(join(folder, "d/".repeat(60)), { recursive: true })
    await writeFile(join(folder, "d/".repeat(60), "deep"), "")
    await git.commit("names", {})
    const { observed } = await repository(url)
    expect(observed.failure).toMatchObject({
      code: "source-refused",
      title: expect.stringMatching(/^The name \ufffd+ is not UTF-8\.$/),
    })
    undecodable("rm")
    await git.commit("names", {})
    expect((await repository(url)).observed.failure).toBeNull()
  })
  test("with folders that nest without end is refused", async () => {
    const { url } = await git.commit("deep", { "index.html": "<p>", [`${"d/".repeat(300)}x`]: "" })
    expect((await repository(url)).observed.failure).toMatchObject({
      code: "source-refused",
      title: "A folder of the repository is nested deeper than 64.",
    })
  })
  test("says nothing that moves a terminal, whatever its files are called", async () => {
    const { url } = await git.commit("title", {
      "index.html": "<p>",
      "\u001b[2J\u001b]0;x\u0007": { link: "/etc/passwd" },
    })
    const { observed } = await repository(url)
    expect(observed.failure?.title).toBe("The link  leads out of the repository.")
  })
  test("does not get the build's own credential into its log", async () => {
    const { url } = await git.commit("words", {
      "default.nix": `{ pkgs, ... }: pkgs.runCommand "x" { nonce = "${nonce()}"; } ''
        echo "it is ${token}, in a line ${token}${token}"; env; exit 1''`,
    })
    const { observed, lines } = await repository(url)
    expect(observed.failure?.code).toBe("build-failed")
    expect(words(lines)).toContain("it is …, in a line ……")
    expect(JSON.stringify([observed, lines])).not.toContain(token)
  })
})

test("a flake's own settings are not taken: no hook of it runs, and its sandbox stays", {
  timeout: 60_000,
}, async () => {
  const host = await Effect.runPromise(findHost(bench.config.dataFolder))
  while ((await Effect.runPromise(bench.builds.packageSet)) === null) await new Promise(setImmediate)
  const folder = join(bench.config.dataFolder, "flake")
  await mkdir(folder)
  const hook = join(folder, "hook")
  await writeFile(hook, `#!/bin/sh\ntouch ${folder}/ran\n`, { mode: 0o755 })
  await writeFile(
    join(folder, "flake.nix"),
    `{
      nixConfig = { post-build-hook = "${hook}"; sandbox = false; pre-build-hook = "${hook}"; extra-sandbox-paths = [ "${folder}" ]; };
      outputs = { self }: { packages.x86_64-linux.default = derivation {
        name = "flake"; nonce = "${nonce()}"; system = "x86_64-linux"; builder = "/bin/sh";
        args = [ "-c" "if test -e ${folder}; then echo SEEN; fi; echo > $out" ];
      }; };
    }`,
  )
  const shell = join(
    "/nix/store",
    readdirSync("/nix/store").find((name) => name.endsWith("-sandbox-shell"))!,
    "bin",
    "sh",
  )
  const said: Array<string> = []
  const parent = `skypanel-test-${nonce()}`
  const confinement = {
    as: "builder" as const,
    network: null,
    writable: [samePath("/nix"), samePath(folder)],
    readable: [],
    scratchBytes: 64 * MiB,
    fileBytes: 64 * MiB,
    addressBytes: null,
    environment: {
      NIX_CONFIG: nixSettings("build", { buildSeconds: 20, silentSeconds: 20, logBytes: MiB }, 1, {
        substituters: [],
        sandboxShell: shell,
      }),
      NIX_CONF_DIR: "/var/empty",
    },
  }
  const build = Effect.gen(function* () {
    const limits = { memoryBytes: 512 * MiB, processes: 64, cores: 1 }
    const group = yield* openControlGroup(parent, "flake", limits)
    const command = ["nix", "build", "--no-link", "--print-build-logs", `path:${folder}`]
    return yield* runConfined(confine(host, confinement, command), {
      group,
      seconds: 40,
      outputBytes: MiB,
      onLine: (_, line) => said.push(line),
    })
  })
  const ended = await Effect.runPromise(Effect.scoped(build))
  await Effect.runPromise(sweepControlGroups(parent))
  expect(ended.exitCode, said.join("\n")).toBe(0)
  expect(said.join("\n")).not.toContain("SEEN")
  expect(existsSync(join(folder, "ran"))).toBe(false)
  expect(said.join("\n")).toContain("untrusted")
})
