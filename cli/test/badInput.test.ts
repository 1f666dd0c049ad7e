import { writeFileSync } from "node:fs"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { skypanel } from "./run.ts"
import { usePlatform } from "./usePlatform.ts"

const { platform, file, run } = usePlatform()

describe("bad input ends with 2 and leaves nothing behind", () => {
  it.each([
    [["deploy", "hello"], "nothing says what to deploy"],
    [
      ["deploy", "hello", "--template", "nodejs", "--git", "https://example.com/a"],
      "--template and --git cannot be used together",
    ],
    [["deploy", "hello", "--template", "nodejs", "--ref", "main"], "--ref says which revision"],
    [["deploy", "hello", "--template", "nodejs", "--memory", "lots"], "--memory: write a size such as"],
    [["deploy", "hello", "--template", "nodejs", "--env", "A"], "--env: write NAME=value"],
    [["deploy", "Hello_World", "--template", "nodejs"], "name: a name has 1 to 30"],
    [["deploy", "hello", "--template", "nodejs", "--port", "http"], "port"],
    [
      ["deploy", "hello", "--template", "nodejs", "--replicas", "0"],
      "replicas: a service has 1 to 20 instances",
    ],
    [["deploy", "hello", "--template", "nodejs", "--volume", "/data"], "--volume: write PATH:SIZE"],
    [
      ["deploy", "hello", "--template", "nodejs", "--volume", "/proc/x:1GiB"],
      "volume.path: a volume's path is",
    ],
    [
      ["deploy", "hello", "--template", "nodejs", "--volume", "/data:1GiB", "--no-volume"],
      "--volume and --no-volume cannot be used together",
    ],
    [["deploy", "hello", "--template", "nodejs", "--timeout", "soon"], "--timeout: write a time"],
    [["deploy", "hello", "--expression", "/nonexistent.nix"], "there is no file /nonexistent.nix"],
    [["deploy", "hello", "--expression", "/"], "cannot be read"],
    [["deploy", "hello", "--expression", "/dev/zero"], "it is longer than 256 KiB"],
    [["deploy", "hello", "--git", "file:///etc"], "source.url: file:// is not allowed"],
    [["deploy", "--template", "nodejs"], "skypanel deploy [flags] <name>"],
    [["delete"], "skypanel delete [flags] <name>"],
    [["deplyo", "hello"], "deploy"],
    [["services", "--jsno"], "Unrecognized flag: --jsno"],
    [["logs", "hello", "--lines", "many"], "lines"],
    [["releases", "packages", "hello", "2147483648"], "a number here is between 0 and 2147483647"],
    [["builds", "hello", "--before", "2147483648"], "a number here is between 0 and 2147483647"],
  ])("%j", async (args, says) => {
    const { code, out, err } = await run(...args)
    expect({ code, out }).toEqual({ code: 2, out: "" })
    expect(err).toContain(says)
    expect(platform().state.services.size).toBe(0)
  })
})

describe("what cannot be reached", () => {
  it("ends with 4 for what is not there", async () => {
    const { code, err } = await run("status", "nothing")
    expect({ code, err }).toEqual({
      code: 4,
      err: "✗ There is no service nothing.\n  Next: See what there is with skypanel services.\n",
    })
    expect((await run("services", "--organization", "other")).code).toBe(0)
    expect((await run("status", "x", "--organization", "other")).err).toContain("no organization other")
  })

  it("tells programs as JSON", async () => {
    const { code, err } = await run("status", "nothing", "--json")
    expect(code).toBe(4)
    expect(JSON.parse(err)).toMatchObject({
      error: { tag: "NotFound", message: "There is no service nothing." },
    })
  })

  it("ends with 3 when no platform is found, none answers, or it does not know the token", async () => {
    writeFileSync(file(join(".skypanel", "run", "token")), "another")
    const unknown = await run("services")
    expect(unknown).toMatchObject({ code: 3, out: "" })
    expect(unknown.err).toContain("Sign in first.")
    await platform().stop()
    const silent = await run("services")
    expect(silent).toMatchObject({ code: 3, out: "" })
    expect(silent.err).toContain(`The platform at ${platform().url} does not answer.`)
  })

  it("ends with 3 when something else answers there", async () => {
    const server = createServer((_, response) => response.end("<html>hello</html>"))
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const { code, err } = await skypanel(["services"], { env: { SKYPANEL_URL: url, SKYPANEL_TOKEN: "x" } })
    server.close()
    expect(code).toBe(3)
    expect(err).toContain("same version")
  })
})
