import { writeFileSync } from "node:fs"
import { describe, expect, it } from "vitest"
import { usePlatform } from "./usePlatform.ts"

const { platform, file, held, run, runWith, begin, live } = usePlatform()

describe("deploy", () => {
  it("creates, shows steps and build log on standard error, and ends with the URL when live", async () => {
    const { code, out, err } = await live()
    expect(out).toBe("http://hello-acme.localhost:8000\n")
    for (const step of ["queued", "building", "publishing", "rolling-out", "verifying"])
      expect(err).toMatch(new RegExp(`✓ ${step} .*(ms|s)`))
    expect(err).toContain("│ building hello")
    expect(err.indexOf("│ building hello")).toBeLessThan(err.indexOf("✓ building"))
    expect(err).toContain("release 1 live")
    expect(code).toBe(0)
  })

  it("sends what the flags say", async () => {
    const flags = [
      "--env",
      "A=b=c",
      "-e",
      "B=",
      "--cpu",
      "2",
      "--memory",
      "1GiB",
      "--storage",
      "128M",
      "--port",
      "81",
    ]
    const { code, err } = await run(
      "deploy",
      "hello",
      "--git",
      "https://example.com/a.git",
      "--ref",
      "v1",
      ...flags,
    )
    expect({ code, err }).toEqual({ code: 0, err: "" })
    expect(held("hello").service).toMatchObject({
      source: { _tag: "git", url: "https://example.com/a.git", ref: "v1" },
      environment: { A: "b=c", B: "" },
      resources: { cpu: 2, memoryBytes: 2 ** 30, storageBytes: 128e6 },
      port: 81,
    })
  })

  it("runs without a port, says so in the place of a URL, and gets one with a port", async () => {
    const bot = await run("deploy", "bot", "--git", "https://example.com/bot.git", "--no-port", "--wait")
    expect(bot).toMatchObject({
      code: 0,
      out: "",
      err: expect.stringMatching(/bot runs without a port: no URL/),
    })
    const status = await run("status", "bot")
    expect(status.out).toMatch(/URL +none: it runs without a port\n/)
    expect(status.out).toMatch(/Port +none\nHealthy +once its process has stayed up for 10 seconds\n/)
    expect(JSON.parse((await run("status", "bot", "--json")).out)).toMatchObject({ port: null, url: null })
    const given = await run("deploy", "bot", "--port", "3000", "--wait")
    expect(given.out).toBe("http://bot-acme.localhost:8000\n")
    const both = await run("deploy", "bot", "--port", "3000", "--no-port")
    expect([both.code, both.err]).toEqual([
      2,
      expect.stringContaining("--port and --no-port cannot be used together."),
    ])
  })

  it("changes an existing service by what is named, and builds it again when nothing is", async () => {
    await live()
    expect((await run("deploy", "hello", "--env", "A=1", "--wait")).code).toBe(0)
    expect((await run("deploy", "hello", "--health-path", "", "--wait")).code).toBe(0)
    expect((await run("deploy", "hello", "--wait")).code).toBe(0)
    expect(held("hello").deployments.map((deployment) => deployment.trigger)).toEqual([
      "redeploy",
      "configuration",
      "configuration",
      "deploy",
    ])
    expect(platform().state.requests.slice(1)).toEqual([
      'update {"environment":{"A":"1"}}',
      'update {"healthPath":null}',
    ])
  })

  it("chooses replicas and a volume, which status, services and releases show", async () => {
    const flags = ["--template", "nodejs", "--replicas", "2", "--volume", "/data:1GiB:start-empty", "--wait"]
    expect((await run("deploy", "hello", ...flags)).code).toBe(0)
    expect(held("hello").service).toMatchObject({
      replicas: 2,
      volume: { path: "/data", sizeBytes: 2 ** 30, whenWorkerIsLost: "start-empty" },
    })
    held("hello").service.instances = held("hello").service.instances.toReversed()
    const status = await run("status", "hello")
    expect(status.out).toMatch(/Instances +2 of 2 healthy\n/)
    expect(status.out).toMatch(/Volume +\/data, 1 GiB; starts empty elsewhere when its worker is lost\n/)
    expect(status.out).toMatch(/SLOT +INSTANCE.*WORKER.*\n +0 +012345.* dev .*\n +1 +112345.* dev /)
    expect((await run("services")).out).toMatch(/hello +live +1 +1 live +2 of 2 +\/data, 1 GiB/)
    expect((await run("releases", "hello")).out).toMatch(/ 2 +\/data, 1 GiB +— +template nodejs/)
    expect((await run("deploy", "hello", "--no-volume", "--wait")).code).toBe(0)
    expect((await run("status", "hello")).out).not.toContain("Volume")
    expect(platform().state.requests.at(-1)).toBe('update {"volume":null}')
  })

  it("ends with 1, says what went wrong and prints no URL when the deployment fails", async () => {
    platform().state.auto = "failed"
    const { code, out, err } = await live()
    expect({ code, out }).toEqual({ code: 1, out: "" })
    expect(err).toContain("✗ building")
    expect(err).toContain("The Nix expression has a syntax error\n")
    expect(err).toContain("at default.nix, line 3, column 2")
    expect(err).toContain("Next: Correct line 3 and deploy again.")
    // biome-ignore lint/suspicious/noControlCharactersInRegex: nothing may steer the terminal
    expect(err).not.toMatch(/[\u001b\u0007]/)
  })

  it("prints one JSON document with --json, also of a failure", async () => {
    platform().state.auto = "failed"
    const { code, out } = await run("deploy", "hello", "--template", "nodejs", "--wait", "--json")
    expect(JSON.parse(out)).toMatchObject({ service: { name: "hello" }, deployment: { status: "failed" } })
    expect(code).toBe(1)
  })

  it("goes through a restart of the platform, without losing or repeating a line of the log", async () => {
    platform().state.auto = null
    const running = begin("deploy", "hello", "--template", "nodejs", "--wait")
    await running.says("Deployment 1")
    platform().state.advance(held("hello"), 1)
    platform().state.printBuild(held("hello"), 1, "line one")
    await running.says("line one")
    await platform().stop()
    platform().state.printBuild(held("hello"), 1, "line two")
    await platform().start()
    await running.says("line two")
    while (held("hello").service.state !== "live") platform().state.advance(held("hello"), 1)
    const { code, out, err } = await running.ended
    expect({ code, out }).toEqual({ code: 0, out: "http://hello-acme.localhost:8000\n" })
    expect(err.match(/line (one|two)/g)).toEqual(["line one", "line two"])
    expect(err.match(/… building/g)).toHaveLength(1)
  })

  it("leaves the deployment going on Ctrl-C, and says so", async () => {
    platform().state.auto = null
    const running = begin("deploy", "hello", "--template", "nodejs", "--wait")
    await running.says("queued")
    running.process.kill("SIGINT")
    const { code, out, err } = await running.ended
    expect({ code, out }).toEqual({ code: 130, out: "" })
    expect(err).toContain("Deployment 1 of hello goes on.")
    expect(held("hello").deployments[0]!.status).toBe("queued")
    while (held("hello").service.state !== "live") platform().state.advance(held("hello"), 1)
    expect((await run("status", "hello", "--wait")).code).toBe(0)
  })

  it("ends with 5 when the time is over", async () => {
    platform().state.auto = null
    const { code, err } = await run("deploy", "hello", "--template", "nodejs", "--wait", "--timeout", "300ms")
    expect(code).toBe(5)
    expect(err).toContain("goes on")
  })

  it("reads an expression from a file or from standard input", async () => {
    writeFileSync(file("tool.nix"), "{ pkgs }: pkgs.hello\n")
    expect((await run("deploy", "one", "--expression", "tool.nix")).code).toBe(0)
    expect((await runWith("{ pkgs }: pkgs.two", "deploy", "two", "--expression", "-")).code).toBe(0)
    expect(held("one").service.source).toEqual({ _tag: "expression", expression: "{ pkgs }: pkgs.hello\n" })
    expect(held("two").service.source).toEqual({ _tag: "expression", expression: "{ pkgs }: pkgs.two" })
  })
})
