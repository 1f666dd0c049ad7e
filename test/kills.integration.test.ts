import { describe, expect, it } from "vitest"
import { until, usePlatform } from "./lab/platform.ts"

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
      await api("POST", `${services}/killed/redeploy`).catch(() => null)
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
