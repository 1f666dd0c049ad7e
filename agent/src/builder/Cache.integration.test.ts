import { execFile } from "node:child_process"
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { promisify } from "node:util"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { nonce } from "./testing/Processes.ts"
import { program } from "./testing/Programs.ts"
import { assignment, openWorkbench, token, type Workbench } from "./testing/Workbench.ts"

const folder = mkdtempSync(join(tmpdir(), "skypanel-cache-"))
let bench: Workbench
let key: string
let other: string

const nix = async (...args: ReadonlyArray<string>) => {
  const options = { env: { ...process.env, NIX_CONFIG: "experimental-features = nix-command" } }
  return (await promisify(execFile)("nix", args, options)).stdout.trim()
}
const makeKey = async (name: string) => {
  const file = join(folder, name)
  writeFileSync(file, await nix("key", "generate-secret", "--key-name", name))
  const converting = promisify(execFile)("sh", ["-c", `nix key convert-secret-to-public <"$1"`, "sh", file], {
    env: { ...process.env, NIX_CONFIG: "experimental-features = nix-command" },
  })
  return { file, publicKey: (await converting).stdout.trim() }
}
const run = async (expression: string, cachePublicKeys: ReadonlyArray<string>) => {
  const build = { ...assignment({ _tag: "expression", expression }), cachePublicKeys }
  await bench.assign(build)
  const { observed, lines } = await bench.finished(build.id)
  await bench.unassign(build.id)
  return { observed, texts: lines.map(({ text }) => text) }
}
/** Builds it, puts it into the platform's cache, and takes it from this machine's store. */
const builtElsewhere = async (expression: string) => {
  const { observed } = await run(expression, [])
  const path = observed.result!.storePath
  const cache = join(folder, `of-${path.slice(11, 43)}`)
  await nix("copy", "--to", `file://${cache}?compression=zstd&secret-key=${join(folder, "panel-1")}`, path)
  for (const name of readdirSync(cache, { recursive: true, withFileTypes: true })) {
    if (!name.isFile()) continue
    const file = join(name.parentPath, name.name)
    bench.receiver.stored.set(`/cache${file.slice(cache.length)}`, readFileSync(file))
  }
  for (let round = 0; ; round++) {
    // Its root goes with the build's folder.
    const gone = await nix("store", "delete", path).then(
      () => true,
      () => false,
    )
    if (gone) break
    if (round > 100) throw new Error(`${path} does not go`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  bench.receiver.requests.length = 0
  return path
}

beforeAll(async () => {
  bench = await openWorkbench()
  key = (await makeKey("panel-1")).publicKey
  other = (await makeKey("panel-2")).publicKey
}, 180_000)
afterAll(async () => {
  await bench?.close()
  rmSync(folder, { recursive: true })
})

describe("the platform's binary cache", { timeout: 120_000 }, () => {
  test("gives a build what was built before on another machine", async () => {
    const expression = program("elsewhere", "echo BUILT", nonce())
    const path = await builtElsewhere(expression)
    const { observed, texts } = await run(expression, [other, key])
    expect(observed.failure).toBeNull()
    expect(observed.result?.storePath).toBe(path)
    expect(texts).toContain("downloading elsewhere")
    expect(texts).not.toContain("BUILT")
    expect(bench.receiver.requests.some((request) => /^GET \/cache\/nar\//.test(request))).toBe(true)
  })

  test("gives nothing that none of its keys has signed", async () => {
    const expression = program("unsigned", "echo BUILT", nonce())
    await builtElsewhere(expression)
    const { observed, texts } = await run(expression, [other])
    expect(observed.failure).toBeNull()
    expect(texts).toContain("BUILT")
  })

  test("is not missed when it does not answer", async () => {
    const answered = bench.receiver.unwell
    bench.receiver.unwell = (path) =>
      path.startsWith("/cache/") && path.endsWith(".narinfo") && !path.includes("/push/")
    const { observed } = await run(program("alone", "echo BUILT", nonce()), [key])
    bench.receiver.unwell = answered
    expect(observed.failure).toBeNull()
  })

  test("is all of the platform that a build reaches, and its credential is not there", async () => {
    bench.receiver.requests.length = 0
    const ask = (line: string) =>
      `exec 3<>/dev/tcp/127.0.0.1/3128; printf '${line} HTTP/1.1\\r\\nHost: x\\r\\nConnection: close\\r\\n\\r\\n' >&3; echo "GOT $(head -n 1 <&3)"`
    const { texts } = await run(
      `{ pkgs, ... }: pkgs.runCommand "fixed" {
        outputHash = "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="; outputHashMode = "flat"; nonce = "${nonce()}";
      } ''
        ${ask("GET http://cache.skypanel.invalid/nix-cache-info")}
        ${ask("GET http://cache.skypanel.invalid/../api/v1/session")}
        ${ask("GET http://cache.skypanel.invalid/push/x/y.narinfo")}
        ${ask("GET http://cache.skypanel.invalid/%2e%2e/healthz")}
        ${ask("PUT http://cache.skypanel.invalid/00000000000000000000000000000000.narinfo")}
        ${ask("CONNECT cache.skypanel.invalid:80")}
        echo "ENVIRONMENT $(env | tr '\\n' ' ')"
        exit 1
      ''`,
      [key],
    )
    const got = texts.filter((text) => text.startsWith("GOT")).map((text) => text.trim().slice(4, 16))
    expect(got).toEqual(["HTTP/1.1 200", ...Array(5).fill("HTTP/1.1 403")])
    expect(texts.some((text) => text.startsWith("ENVIRONMENT"))).toBe(true)
    expect(texts.join("\n")).not.toContain(token)
    const asked = bench.receiver.requests.filter(
      (request) => !/^GET \/cache\/[0-9a-z]{32}\.narinfo$/.test(request),
    )
    expect(asked).toEqual([])
  })
})
