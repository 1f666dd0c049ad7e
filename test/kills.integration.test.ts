import { describe, expect, it } from "vitest"
import { usePlatform } from "./lab/platform.ts"
import { until } from "./lab/until.ts"

/** The instants of `platform/src/deploy/failpoint.ts`, in the order in which a deployment meets them. */
const instants = [
  "started",
  "build-assigned",
  "built",
  "image-made",
  "release-made",
  "workload-placed",
  "healthy",
  "traffic-moved",
  "answered",
  "live",
]

const environment: Record<string, string> = {}
const platform = usePlatform(environment)
const services = "/organizations/acme/services"

const deploymentsOf = async () => {
  const { body } = await platform().api("GET", `${services}/killed/deployments`)
  return body as Array<{ number: number; status: string; failure: unknown; release: number | null }>
}

const finished = (number: number) =>
  until(
    `deployment ${number} to end`,
    async () => {
      const found = (await deploymentsOf()).find((deployment) => deployment.number === number)
      return found !== undefined && ["live", "failed", "canceled"].includes(found.status) ? found : null
    },
    120,
  )

describe("a platform that is killed in the middle of a deployment", () => {
  it("has a service that serves, to begin with", async () => {
    const { status } = await platform().api("POST", services, {
      name: "killed",
      source: { _tag: "template", template: "nodejs" },
    })
    expect(status).toBe(202)
    expect(await finished(1)).toMatchObject({ status: "live" })
  }, 300_000)

  it.each(instants)(
    "goes on to the right end after kill -9 at %s",
    async (instant) => {
      const { platform: program, api, get, isReady } = platform()
      const before = (await deploymentsOf())[0]!.number
      await program.end("SIGTERM")
      environment.SKYPANEL_FAILPOINT = instant
      program.start()
      await isReady()
      // An answer may be cut off by the kill: what counts is the row.
      const source = { _tag: "template", template: "nodejs" }
      // Another variable each time: a release that is as before would not be rolled out.
      await api("PATCH", `${services}/killed`, { source, environment: { KILLED_AT: instant } }).catch(
        () => null,
      )
      await until(`the kill at ${instant}`, async () => (program.hasEnded() ? true : null))
      expect((await get("killed-acme.localhost")).status, "the release before serves meanwhile").toBe(200)
      delete environment.SKYPANEL_FAILPOINT
      program.start()
      await isReady()
      const [newest] = await deploymentsOf()
      expect(newest!.number).toBe(before + 1)
      expect(await finished(before + 1)).toMatchObject({ status: "live", failure: null })
      expect((await get("killed-acme.localhost")).status).toBe(200)
      await until("one instance to be left", async () => {
        const { body } = await api("GET", `${services}/killed`)
        return body.instances.length === 1 && body.instances[0].deployment === before + 1 ? true : null
      })
    },
    180_000,
  )
})

describe("an agent that is killed", () => {
  it("in the middle of a build starts it over, and the deployment ends live", async () => {
    const { api, get, builder, isReady } = platform()
    const started = await api("PATCH", `${services}/killed`, {
      source: {
        _tag: "expression",
        // Takes its time, so that there is a middle.
        expression: `{ pkgs, ... }:
let slow = pkgs.runCommand "slow" {} "sleep 4; echo built > $out";
in pkgs.writeShellScriptBin "web" ''
  exec \${pkgs.nodejs}/bin/node -e 'process.on("SIGTERM", () => process.exit(0)); require("http").createServer((q, a) => a.end("\${slow}")).listen(process.env.PORT)'
''`,
      },
      healthPath: null,
    })
    const { number } = started.body.deployment
    await until("the build to run", async () => {
      const deployment = (await deploymentsOf()).find((deployment) => deployment.number === number)
      return deployment?.status === "building" ? true : null
    })
    await builder.end("SIGKILL")
    builder.start()
    await isReady()
    expect(await finished(number)).toMatchObject({ status: "live", failure: null })
    expect((await get("killed-acme.localhost")).text).toContain("slow")
  }, 180_000)

  it("leaves its services running, and its proxy leads to them again when it is back", async () => {
    const { api, get, agent, isReady } = platform()
    const before = (await api("GET", `${services}/killed`)).body.instances[0].containerId
    await agent.end("SIGKILL")
    agent.start()
    await isReady()
    await until("the endpoint", async () =>
      (await get("killed-acme.localhost")).status === 200 ? true : null,
    )
    expect((await api("GET", `${services}/killed`)).body.instances[0].containerId).toBe(before)
  }, 120_000)
})

describe("a Docker Engine that stops and starts", () => {
  it("has its services back", async () => {
    const { get, restartEngine } = platform()
    await restartEngine()
    await until(
      "the service to answer again",
      async () => ((await get("killed-acme.localhost")).status === 200 ? true : null),
      90,
    )
  }, 180_000)
})
