import { copyFileSync, mkdirSync } from "node:fs"
import { join } from "node:path"
import { beforeAll, describe, expect, it } from "vitest"
import { BUSYBOX_PROGRAM } from "../lab/images.ts"
import { until } from "../lab/until.ts"
import { agentEdition, agentPackageVersion } from "./bundles.ts"
import { useMachine } from "./useMachine.ts"

// The agent on a worker is killed, upgraded, and upgraded to what does not work. Whoever visits notices nothing of it.

const machine = useMachine()
let container = ""
let proxy = ""

beforeAll(async () => {
  const { server, read, paste } = machine()
  expect((await paste()).code).toBe(0)
  // A test does not wait 90 seconds for what does not come.
  await read("echo SKYPANEL_TRIAL_SECONDS=5 > /etc/skypanel/local.env && systemctl restart skypanel-agent")
  mkdirSync(join(server.root, "srv/image/usr/bin"), { recursive: true })
  copyFileSync(BUSYBOX_PROGRAM, join(server.root, "srv/image", BUSYBOX_PROGRAM))
  await read("tar --create --directory /srv/image . | docker import - busybox:1")
  container = await read(`docker run --detach busybox:1 ${BUSYBOX_PROGRAM} sleep 1000`)
  proxy = await read("pgrep haproxy")
}, 600_000)

/** Asks the proxy while something is done and a little longer, however soon that was; gives the answers that were not right. */
const visiting = async (doing: () => Promise<unknown>) => {
  const { address } = machine().server
  const wrong: Array<string> = []
  let asked = 0
  let isDone = false
  const visits = (async () => {
    while (!isDone || asked < 20) {
      const answer = await fetch(`http://${address}/`, { signal: AbortSignal.timeout(5_000) })
        .then((response) => response.text())
        .catch((error: Error) => error.message)
      asked += 1
      if (answer !== "proxy") wrong.push(answer)
    }
  })()
  await doing().finally(() => {
    isDone = true
  })
  await visits
  return wrong
}

const sameAsBefore = async () => {
  expect(await machine().read("pgrep haproxy")).toBe(proxy)
  expect(await machine().read("docker ps --no-trunc --quiet")).toBe(container)
}

const versionOf = ({ sha256 }: { readonly sha256: string }) => `${agentPackageVersion}+${sha256.slice(0, 8)}`
const reported = (version: string) =>
  until(
    `version ${version}`,
    async () => (machine().platform.heartbeats.at(-1)?.version === version ? (true as const) : null),
    60,
  )
/** The next heartbeat from now on. */
const heartbeat = async () => {
  const { heartbeats } = machine().platform
  const count = heartbeats.length
  return until("a heartbeat", async () => (heartbeats.length > count ? heartbeats.at(-1)! : null), 60)
}

describe.each(["deno", "node"] as const)("on %s", (runtime) => {
  /** The launcher and the agent; the brackets keep the pattern from finding itself. */
  const programs = `'lib/[s]kypanel/${runtime} '`

  // The same machine: the second one changes from the first one's runtime to its own.
  beforeAll(async () => {
    machine().platform.facts = { ...machine().platform.facts, runtime }
    expect((await machine().paste()).code).toBe(0)
    await sameAsBefore()
  }, 300_000)

  describe("the agent on a worker", () => {
    it.each([
      ["the agent", "pkill -KILL --full 'agent/[v]ersions/'"],
      ["its launcher", "kill -KILL $(systemctl show --property MainPID --value skypanel-agent)"],
      ["everything of it", `pkill -KILL --full ${programs}`],
    ])(
      "comes back when %s is killed, and the proxy serves on",
      async (_, kill) => {
        const pids = await machine().read(`pgrep --full ${programs}`)
        const wrong = await visiting(async () => {
          await machine().read(kill)
          await until("other processes", async () => {
            const now = (await machine().sh(`pgrep --full ${programs}`)).stdout.trim().split("\n")
            return now.length === 2 && now.every((pid) => !pids.includes(pid)) ? true : null
          })
          await heartbeat()
        })
        expect(wrong).toEqual([])
        await sameAsBefore()
      },
      120_000,
    )

    it("may be stopped, and the proxy serves on", async () => {
      expect(await visiting(() => machine().read("systemctl stop skypanel-agent"))).toEqual([])
      expect((await machine().sh("skypanel-agent status")).stdout).toContain(
        "skypanel-agent.service is inactive",
      )
      await machine().read("systemctl start skypanel-agent")
      await heartbeat()
      await sameAsBefore()
    }, 120_000)
  })

  describe("an upgrade", () => {
    it("to a version that works is made within seconds, and nothing else is touched", async () => {
      const second = await agentEdition("second")
      const wrong = await visiting(async () => {
        machine().platform.want(second)
        await reported(versionOf(second))
      })
      expect(wrong).toEqual([])
      await sameAsBefore()
      // It reports as soon as it is welcomed; the launcher takes it for good a moment later.
      await until("the version to be the current one", async () =>
        (await machine().read("skypanel-agent version")) === versionOf(second) ? true : null,
      )
      expect(await machine().read("systemctl show --property NRestarts --value skypanel-agent")).toMatch(
        /^\d$/,
      )
    }, 120_000)

    it.each([
      ["ends at once", "exit code 3"],
      ["never connects", "had not welcomed it after 5 s"],
    ])(
      "to a version that %s goes back, once",
      async (edition, why) => {
        const before = machine().platform.heartbeats.at(-1)!.version
        const bad = await agentEdition(edition)
        const wrong = await visiting(async () => {
          machine().platform.want(bad)
          await until(
            "the version to be given up",
            async () =>
              (await machine().sh("skypanel-agent status --json")).stdout.includes(bad.sha256) ? true : null,
            60,
          )
          await heartbeat()
        })
        expect(wrong).toEqual([])
        await sameAsBefore()
        // It is still wanted, and is not tried again.
        expect((await heartbeat()).version).toBe(before)
        expect((await heartbeat()).version).toBe(before)
        const { stdout } = await machine().sh("skypanel-agent status")
        expect(stdout).toContain(`failed     version ${bad.sha256.slice(0, 8)}`)
        expect(stdout).toContain(why)
        expect(await machine().read("skypanel-agent version")).toBe(before)
        expect((await machine().sh(`ls /var/lib/skypanel/agent/versions`)).stdout).not.toContain(bad.sha256)
      },
      120_000,
    )

    it("that was pasted in by a person is made, whatever has failed before", async () => {
      machine().platform.want(await agentEdition("first"))
      expect((await machine().paste()).code).toBe(0)
      await machine().untilEdition("first")
      const status = JSON.parse((await machine().sh("skypanel-agent status --json")).stdout)
      expect(status.failedVersions).toEqual([])
      await sameAsBefore()
    }, 120_000)

    it("keeps the version that runs and the one before, and no more", async () => {
      for (const edition of ["third", "fourth", "fifth"]) {
        machine().platform.want(await agentEdition(edition))
        await machine().untilEdition(edition)
      }
      const kept = await until("older versions to be removed", async () => {
        const { stdout } = await machine().sh("ls /var/lib/skypanel/agent/versions")
        return stdout.trim().split("\n").length === 2 ? stdout : null
      })
      expect(kept).toContain((await agentEdition("fifth")).sha256)
    }, 120_000)
  })
})
