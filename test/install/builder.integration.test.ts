import { describe, expect, it } from "vitest"
import { until } from "../lab/until.ts"
import { difference, snapshot } from "./snapshot.ts"
import { useMachine } from "./useMachine.ts"

// A server that becomes a builder as well: what the unit allows must be enough for a build, which the agent shuts in by
// bubblewrap, control groups and Nix's own sandbox.

const machine = useMachine(["services", "builder"])

const probes = () =>
  until("the agent to have tried", async () => machine().platform.heartbeats.at(-1)?.probes ?? null)

describe("a builder on Debian", () => {
  it.each(["deno", "node"] as const)(
    "shuts builds in with the agent on %s, within its unit",
    async (runtime) => {
      const before = await snapshot(machine())
      machine().platform.facts = { ...machine().platform.facts, runtime }
      machine().platform.heartbeats.length = 0
      const { code, stderr } = await machine().paste()
      expect([code, stderr]).toEqual([0, ""])
      expect(await probes()).toEqual({ builder: "ok", fetcher: "ok", evaluator: "ok" })
      expect(await machine().read("ls /usr/local/lib/skypanel")).toBe(
        ["boot-rules.sh", runtime, "launcher.mjs", "source"].sort().join("\n"),
      )
      expect(await machine().read("nix --version")).toMatch(/^nix /)
      expect((await machine().sh("skypanel-agent uninstall --yes", { within: 300 })).code).toBe(0)
      expect(difference(before, await snapshot(machine()))).toEqual([])
    },
    900_000,
  )

  it("has templates and the embedded package set from the platform's own flake", async () => {
    expect((await machine().paste()).code).toBe(0)
    const settings = await machine().read("cat /etc/skypanel/agent.env")
    for (const [name, file] of [
      ["SKYPANEL_TEMPLATES", "python/default.nix"],
      ["SKYPANEL_EMBEDDED", "prepare.mjs"],
    ]) {
      const folder = new RegExp(`^${name}="(.*)"$`, "m").exec(settings)?.[1]
      expect((await machine().sh(`test -f ${folder}/${file}`)).code).toBe(0)
    }
  }, 600_000)
})

describe("the script's options", () => {
  it("let containers run in gVisor, and as users of their own, and name another address", async () => {
    const { code } = await machine().paste("--gvisor", "--userns-remap", "--address", "192.0.2.7:8080")
    expect(code).toBe(0)
    expect(await machine().read("cat /etc/skypanel/agent.env")).toContain(
      'SKYPANEL_ENDPOINT_ADDRESS="192.0.2.7:8080"',
    )
    const info = JSON.parse(await machine().read("docker info --format '{{json .}}'"))
    expect(info.DefaultRuntime).toBe("runsc")
    expect(info.SecurityOptions.join(" ")).toContain("name=userns")
    expect(await machine().read("getent passwd dockremap")).toContain("dockremap")
    // Its daemon's settings are the script's own: it takes them back.
    expect((await machine().paste()).code).toBe(0)
    expect(JSON.parse(await machine().read("docker info --format '{{json .}}'")).DefaultRuntime).toBe("runc")
  }, 600_000)
})
