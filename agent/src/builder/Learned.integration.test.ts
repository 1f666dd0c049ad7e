import type { BuildAssignment } from "@skypanel/contract/BuildAssignment"
import type { LearnedHash } from "@skypanel/contract/LearnedHash"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { file, offerFolder, pack } from "./testing/Folders.ts"
import { type GoModule, goSumOf, ModuleProxy } from "./testing/ModuleProxy.ts"
import { nonce } from "./testing/Processes.ts"
import { assignment, openWorkbench, type Workbench } from "./testing/Workbench.ts"

let bench: Workbench
let proxy: ModuleProxy
beforeAll(async () => {
  proxy = await new ModuleProxy().open()
  bench = await openWorkbench({ goProxy: proxy.url })
}, 600_000)
afterAll(async () => {
  await bench?.close()
  await proxy?.close()
})

const greet = (): GoModule => ({
  path: "example.org/team/Greet",
  version: "v1.2.3",
  files: { "greet.go": `package greet\n\nconst Words = "hello ${nonce()}"\n` },
})

/** Of one name: its folder is at the top of the module cache. */
const single = (): GoModule => ({
  path: "single.example",
  version: "v0.1.0",
  files: {
    "part/part.go": 'package part\n\nimport _ "embed"\n\n//go:embed words.txt\nvar Words string\n',
    "part/words.txt": "embedded",
  },
})

const main = (words: string) =>
  `package main\n\nimport (\n\t"example.org/team/Greet"\n\t"single.example/part"\n)\n\nfunc main() { println("${words}", greet.Words, part.Words) }\n`

/** A service that needs these modules. */
const sourceOf = (modules: ReadonlyArray<GoModule>, words = "main") => {
  const required = modules.map(({ path, version }) => `\t${path} ${version}\n`)
  return offerFolder(
    bench,
    pack(
      file("go.mod", `module example.org/shop\n\ngo 1.19\n\nrequire (\n${required.join("")})\n`),
      file("go.sum", goSumOf(...modules)),
      file("main.go", main(words)),
    ),
  )
}

const carryOut = async (build: BuildAssignment) => {
  proxy.requests.length = 0
  await bench.assign(build)
  const { observed, lines } = await bench.finished(build.id)
  await bench.unassign(build.id)
  return { observed, failure: observed.failure, text: lines.map(({ text }) => text).join("\n") }
}

/** Builds it, held to what was learned before. */
const run = (modules: ReadonlyArray<GoModule>, learned: ReadonlyArray<LearnedHash> = [], words?: string) =>
  carryOut({ ...assignment(sourceOf(modules, words)), learned })

describe("modules of Go", { timeout: 180_000 }, () => {
  const modules = [greet(), single()]
  let learned: LearnedHash

  test("are fetched once, and their hash is learned; a later build needs no network", async () => {
    proxy.publish(...modules)
    proxy.faults.push("unwell", "cut off")
    const first = await run(modules)
    expect(first.failure).toBeNull()
    // The service and its program: nothing of the modules' own folders is in it.
    expect(first.observed.result?.closurePaths).toBe(2)
    learned = first.observed.learned![0]!
    expect(learned).toMatchObject({ kind: "go-modules", subject: "go.sum" })
    expect(first.text).toContain(`learned: go.sum (${learned.lock}) has the hash ${learned.hash}`)
    expect([...new Set(proxy.requests)].toSorted()).toEqual([
      "/example.org/team/!greet/@v/v1.2.3.mod",
      "/example.org/team/!greet/@v/v1.2.3.zip",
      "/single.example/@v/v0.1.0.mod",
      "/single.example/@v/v0.1.0.zip",
    ])
    expect(proxy.requests).toHaveLength(6)
    await proxy.close()
    const second = await run(modules, [learned], "another main")
    await proxy.open()
    expect(second.failure).toBeNull()
    expect(second.observed.learned).toEqual([learned])
    expect(second.text).toContain(`held to: go.sum (${learned.lock}) has the hash ${learned.hash}`)
    expect(second.observed.result?.storePath).not.toBe(first.observed.result?.storePath)
  })

  test("are refused when they are not those that were learned for the same lock file", async () => {
    const other = { ...learned, hash: `sha256-${"B".repeat(42)}A=` }
    const { failure, observed } = await run(modules, [other])
    expect(failure).toMatchObject({
      code: "hash-mismatch",
      title: "The dependencies of go.sum are not what they were when their hash was learned.",
    })
    expect(failure?.detail).toContain(`expected ${other.hash}, got ${learned.hash}`)
    expect(failure?.next).toContain(`skypanel learned forget NAME ${learned.lock.slice(7, 19)}`)
    expect(observed.learned).toEqual([other])
  })

  test("that the proxy has otherwise than go.sum says are refused with the line", async () => {
    const locked = greet()
    proxy.publish(greet())
    const { failure, observed } = await run([locked])
    expect(failure).toMatchObject({ code: "lock-mismatch", location: { file: "go.sum", line: 1 } })
    expect(failure?.title).toContain("the module proxy has another example.org/team/Greet v1.2.3")
    expect(observed.learned).toBeUndefined()
  })

  test("that cannot be fetched are named, and why", async () => {
    const secret = { ...greet(), path: "git.example.org/secret" }
    const missing = await run([secret])
    expect(missing.failure?.code).toBe("fetch-failed")
    expect(missing.failure?.title).toContain(
      "git.example.org/secret v1.2.3: the module proxy does not have it (404)",
    )
    expect(missing.failure?.next).toContain("go mod vendor")
    await proxy.close()
    const away = await run([greet()])
    await proxy.open()
    expect(away.failure?.code).toBe("fetch-failed")
    expect(away.failure?.title).toContain("example.org/team/Greet v1.2.3")
    expect(away.failure?.detail).toContain("127.0.0.1")
  })

  test("are to be fetched, says a check, and are not fetched by it", async () => {
    const { observed } = await carryOut({ ...assignment(sourceOf([greet(), single()])), check: true })
    expect(observed.failure).toBeNull()
    expect(observed.plan?.packages.find(({ name }) => name === "go-modules")?.state).toBe("to-fetch")
    expect(proxy.requests).toEqual([])
  })
})
