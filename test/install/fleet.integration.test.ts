import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { NodeServices } from "@effect/platform-node"
import { Effect } from "effect"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { useLab, usePostgres } from "../lab/fixtures.ts"
import { web } from "../lab/fleet.ts"
import type { TestServer } from "../lab/server.ts"
import { askEndpoint, type StartedPlatform, startPlatform } from "../lab/startPlatform.ts"
import type { TestProgram } from "../lab/TestProgram.ts"
import { until } from "../lab/until.ts"

// The whole of it: a real platform and its cluster, the command that an administrator is shown, a fresh Debian server
// that it is pasted into, and a service that answers there.

const postgres = usePostgres()
const lab = useLab()
const folder = mkdtempSync(join(tmpdir(), "skypanel-added-"))
let platform: StartedPlatform
let builder: TestProgram
let server: TestServer
let command = ""

const inLab = <A, E>(effect: Effect.Effect<A, E, NodeServices.NodeServices>) =>
  Effect.runPromise(Effect.provide(effect, NodeServices.layer))

beforeAll(async () => {
  const [manager, databaseUrl] = await Promise.all([inLab(lab().addMachine), postgres().database()])
  const more: Record<string, string> = {}
  platform = await startPlatform({
    ...{ folder, databaseUrl, manager, more },
    hostAddress: lab().address,
    endpointPort: 80,
  })
  // Workers of a lab reach it by this machine's address in there: that is where their script has to lead to.
  more.SKYPANEL_PUBLIC_URL = `http://${lab().address}:${platform.port}`
  await platform.program.end("SIGTERM")
  platform.program.start()
  await platform.isUp()
  builder = await platform.startBuilder()
  server = await inLab(lab().addServer)
}, 900_000)
afterAll(async () => {
  await builder?.end("SIGTERM")
  await platform?.program.end("SIGTERM")
  rmSync(folder, { recursive: true, force: true })
}, 60_000)

const worker = async () => (await platform.api("GET", "/workers/added")).body
const isIn = (state: string) =>
  until(
    `the worker to be ${state}`,
    async () => ((await worker())?.state === state ? worker() : null),
    60,
  ).catch(async (error) => {
    const { stdout } = await server.run([
      "journalctl",
      "--unit",
      "skypanel-agent",
      "--lines",
      "40",
      "--no-pager",
    ])
    throw new Error(
      `${error.message}: ${JSON.stringify(await worker())}\n${stdout}\n${platform.program.tail()}`,
    )
  })
const paste = () => server.run(["sh", "-c", command], { within: 600 })
const answer = () => askEndpoint(`${server.address}:80`, "web-acme.localhost")

describe("a fresh Debian server and the command that the platform shows", () => {
  it("make an active worker", async () => {
    const { status, body } = await platform.api("POST", "/installations", {
      name: "added",
      roles: ["services", "ingress"],
      labels: { disk: "ssd" },
    })
    expect(status).toBe(201)
    command = body.command
    expect(command).toMatch(/^curl -fsSL 'http:\S+' \| sh$/)
    const { code, stdout, stderr } = await paste()
    expect([code, stderr]).toEqual([0, ""])
    expect(stdout).toContain("done: this machine is worker added")
    expect(await isIn("active")).toMatchObject({
      labels: { disk: "ssd" },
      origin: "bundle",
      address: `${server.address}:80`,
      versions: {
        agent: expect.stringMatching(/^\d+\.\d+\.\d+\+[0-9a-f]{8}$/),
        runtime: expect.stringMatching(/^Deno /),
      },
    })
  }, 700_000)

  it("work once", async () => {
    const { code, stderr } = await paste()
    expect(code).toBe(1)
    expect(stderr).toContain("has been used")
  })

  it("run a service that answers there", async () => {
    const { status } = await platform.api("POST", "/organizations/acme/services", {
      name: "web",
      source: web,
    })
    expect(status).toBe(202)
    await until(
      "the service to be live",
      async () => {
        const { body } = await platform.api("GET", "/organizations/acme/services/web")
        if (body.state === "failed") throw new Error(JSON.stringify(body))
        return body.state === "live" ? true : null
      },
      240,
    )
    expect((await answer()).status).toBe(200)
    const { stdout } = await server.run(["docker", "ps", "--quiet", "--filter", "label=skypanel.service"])
    expect(stdout.trim().split("\n")).toHaveLength(1)
  }, 300_000)

  it("go on while the agent is killed, and have it back", async () => {
    const connectedAt = async () => {
      const { code, stdout } = await server.run(["skypanel-agent", "status", "--json"])
      return code === 0 ? (JSON.parse(stdout).at as string) : null
    }
    const before = await connectedAt()
    await server.run(["pkill", "--signal", "KILL", "deno"])
    expect((await answer()).status).toBe(200)
    await until("the agent to be connected again", async () => {
      const now = await connectedAt()
      return now !== null && now !== before ? true : null
    })
    await isIn("active")
    expect((await answer()).status).toBe(200)
    const journal = ["journalctl", "--unit", "skypanel-agent", "--no-pager", "--output", "cat"]
    expect((await server.run(journal)).stdout).not.toMatch(/NotCapable|Operation not permitted/)
  }, 120_000)

  it("are undone, and the platform knows that it is not coming back", async () => {
    const { code, stdout } = await server.run(["skypanel-agent", "uninstall", "--yes"], { within: 300 })
    expect(stdout).toContain("SkyPanel is gone from this machine.")
    expect(code).toBe(0)
    expect((await worker()).state).not.toBe("active")
    expect((await server.run(["sh", "-c", "command -v dockerd haproxy"])).code).not.toBe(0)
  }, 400_000)
})
