import { readFileSync } from "node:fs"
import { describe, expect, it } from "vitest"
import { usePlatform } from "./usePlatform.ts"

const { platform, file, held, run, begin, live } = usePlatform()

describe("logs", () => {
  const print = (text: string) => {
    const log = held("hello").log
    log.push({
      seq: log.length,
      at: new Date(1e12 + log.length).toISOString(),
      stream: "stdout",
      text,
      origin: "0123456789ab",
    })
  }

  it("shows the newest lines, safe for the terminal", async () => {
    await live()
    for (const text of ["one", "two", "\u001b[31mthree\u001b[2J"]) print(text)
    expect((await run("logs", "hello", "--lines", "2")).out).toBe(
      "2001-09-09 01:46:40.001 0123456789ab two\n2001-09-09 01:46:40.002 0123456789ab three\n",
    )
    expect(JSON.parse((await run("logs", "hello", "--json")).out)).toHaveLength(3)
  })

  it("follows over a restart of the platform, each line once", async () => {
    await live()
    print("before")
    const running = begin("logs", "hello", "-f", "--json")
    await running.says("before")
    await platform().stop()
    print("while away")
    await platform().start()
    await running.says("while away")
    print("after")
    await running.says("after")
    held("hello").service.state = "deleting"
    const { code, out } = await running.ended
    const lines = out
      .trimEnd()
      .split("\n")
      .map((line): unknown => JSON.parse(line))
    expect(lines).toMatchObject([{ text: "before" }, { text: "while away" }, { text: "after" }])
    expect(code).toBe(0)
  })

  it("shows the newest build's log, followed or as far as it is", async () => {
    platform().state.auto = null
    await run("deploy", "hello", "--template", "nodejs")
    platform().state.advance(held("hello"), 1)
    platform().state.printBuild(held("hello"), 1, "compiling")
    expect((await run("logs", "hello", "--build")).out).toBe("compiling\n")
    const running = begin("logs", "hello", "--build", "-f")
    await running.says("compiling")
    platform().state.printBuild(held("hello"), 1, "linking")
    while (held("hello").service.state !== "live") platform().state.advance(held("hello"), 1)
    expect((await running.ended).out).toBe("compiling\nlinking\n")
    expect((await run("logs", "hello", "--build", "--lines", "1")).out).toBe("linking\n")
    const other = await run("logs", "hello", "--deployment", "7")
    expect(other.code).toBe(4)
  })

  it("writes a whole build log to a file, and over no other", async () => {
    await live()
    expect((await run("logs", "hello", "--build", "--download")).out).toBe("hello-1-build.log\n")
    expect(readFileSync(file("hello-1-build.log"), "utf8")).toMatch(/^\S+Z stdout building hello\n$/)
    const again = await run("logs", "hello", "--deployment", "1", "--download")
    expect(again.code).toBe(2)
    expect(again.err).toContain("hello-1-build.log is not written")
  })
})
