import { describe, expect, it } from "vitest"
import { until } from "../lab/until.ts"
import { difference, snapshot } from "./snapshot.ts"
import { useMachine } from "./useMachine.ts"

// One server on which everything goes wrong once, each time a little later. The line that is pasted again goes on from
// there, and in the end the machine is a worker like any other: also for `uninstall`.

const machine = useMachine()
let before: ReadonlyArray<string> = []

const library = "/usr/local/lib/skypanel"
const data = "/var/lib/skypanel"

/** Pastes the line, and kills everything of it (-9, at once) when this becomes true on the machine. */
const cutOffWhen = async (what: string, condition: string) => {
  const { url, token } = machine().platform
  const running = machine().sh(
    `curl -fsSL ${url}/install/${token} > /run/script && exec setsid --wait sh -c 'echo $$ > /run/group; exec sh /run/script'`,
    { within: 300 },
  )
  await until(what, async () => ((await machine().sh(condition)).code === 0 ? true : null), 120)
  await machine().read("kill -9 -$(cat /run/group)")
  const { stdout } = await running
  expect(stdout).not.toContain("done")
}

describe("a script that is cut off", () => {
  it("before anything was changed, because no package can be had", async () => {
    before = await snapshot(machine())
    machine().server.setPackages(false)
    const { code, stderr } = await machine().paste()
    machine().server.setPackages(true)
    expect(code).toBe(1)
    expect(stderr).toContain("The packages cannot be installed")
    expect(stderr).toContain("Does this machine reach its package servers")
    expect(stderr).toContain("it goes on from here")
    expect((await machine().sh("command -v dockerd haproxy")).code).not.toBe(0)
  }, 300_000)

  it("in the middle of the packages", async () => {
    await cutOffWhen("dpkg to unpack packages", "test -e /usr/bin/containerd")
    expect((await machine().sh("dpkg --audit")).stdout).not.toBe("")
  }, 300_000)

  it("when the runtime is being fetched", async () => {
    await cutOffWhen(
      "the runtime",
      `test -s ${data}/install/staging/file || test -s ${data}/install/staging/file.gz`,
    )
    expect((await machine().sh(`test -e ${library}/deno`)).code).toBe(1)
  }, 600_000)

  it("when the agent is there, but nothing starts it", async () => {
    await cutOffWhen("the agent's settings", "test -e /etc/skypanel/agent.env")
    expect((await machine().sh("systemctl is-active skypanel-agent")).code).not.toBe(0)
  }, 300_000)

  it("by a file that is not what the script says", async () => {
    const [path = ""] =
      /\/install\/launcher\/[0-9a-f]{64}\.mjs/.exec(await machine().platform.scripts()) ?? []
    await machine().read(`rm -f ${library}/launcher.mjs`)
    machine().platform.instead.set(path, Buffer.from("process.exit(0)\n"))
    const { code, stderr } = await machine().paste()
    machine().platform.instead.clear()
    expect(code).toBe(1)
    expect(stderr).toContain("has another hash than the script says; it is not used")
    expect((await machine().sh(`test -e ${library}/launcher.mjs`)).code).toBe(1)
  }, 300_000)

  it("while it waits for the agent", async () => {
    machine().platform.silent = true
    await cutOffWhen("the agent to be started", `test -e ${data}/status.json`)
    machine().platform.silent = false
  }, 300_000)

  it("is completed when it is run again", async () => {
    const { code, stdout, stderr } = await machine().paste()
    expect([code, stderr]).toEqual([0, ""])
    expect(stdout).toContain("done: this machine is worker server1")
    // The agent that was left running had registered by itself meanwhile, or has now: once in any case.
    expect(machine().platform.registered).toHaveLength(1)
    expect((await machine().sh("dpkg --audit")).stdout).toBe("")
    expect((await machine().sh(`ls ${data}/install`)).stdout).toBe("packages.log\nrecord\n")
  }, 300_000)

  it("is undone as a whole", async () => {
    expect((await machine().sh("skypanel-agent uninstall --yes", { within: 300 })).code).toBe(0)
    expect(difference(before, await snapshot(machine()))).toEqual([])
  }, 600_000)
})

describe("an agent that does not come", () => {
  it("is said to be so, with the end of its journal and another exit code", async () => {
    machine().platform.silent = true
    const script = (await machine().platform.scripts()).replace(
      /connect_seconds='\d+'/,
      "connect_seconds='8'",
    )
    const { code, stderr } = await machine().server.run(["sh"], { input: script, within: 300 })
    expect(code).toBe(1)
    expect(stderr).toContain("the stand-in agent runs")
    expect(stderr).toContain("The agent is not connected to")
    const status = await machine().sh("skypanel-agent status")
    expect(status.code).toBe(1)
    expect(status.stdout).toContain("no: the test's platform is silent")
  }, 300_000)
})
