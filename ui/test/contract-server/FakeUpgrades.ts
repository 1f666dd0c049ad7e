import { NotPossibleNow } from "@skypanel/contract/Errors"
import type { AgentUpgrade } from "@skypanel/contract/Fleet"
import type { FakeFleet } from "./FakeFleet.ts"
import { fakeId, now, type Writable } from "./ids.ts"
import { agentVersion, versions } from "./workerScenery.ts"

type Row = Writable<AgentUpgrade["workers"][number]>

/** Brings the agents to the fake's version, one at each step. */
export class FakeUpgrades {
  /** The worker that does not report back. */
  failsOn: string | null = null
  private readonly fleet: FakeFleet

  constructor(fleet: FakeFleet) {
    this.fleet = fleet
  }

  start(actor: string): AgentUpgrade {
    const { fleet } = this
    if (fleet.upgrade?.state === "running")
      throw new NotPossibleNow({ message: "An upgrade is under way.", next: "Wait for its end, or stop it." })
    const upgrade: Writable<AgentUpgrade> = {
      id: fakeId("upg"),
      version: agentVersion,
      state: "running",
      reason: "",
      startedBy: actor,
      startedAt: now(),
      finishedAt: null,
      workers: fleet.outdated().map(({ name, versions }) => ({
        worker: name,
        state: "waiting",
        from: versions?.agent ?? null,
        detail: "",
      })),
    }
    fleet.upgrade = upgrade
    fleet.write(actor, "fleet.upgrade", `An upgrade to ${agentVersion} was started.`, null)
    this.next(upgrade, 0)
    return upgrade
  }

  stop(): AgentUpgrade {
    const upgrade = this.fleet.upgrade
    if (upgrade?.state !== "running")
      throw new NotPossibleNow({ message: "No upgrade is under way.", next: "There is nothing to stop." })
    return this.end(upgrade, "stopped", "")
  }

  private next(upgrade: Writable<AgentUpgrade>, at: number): void {
    const row = upgrade.workers[at] as Row | undefined
    if (!row) {
      this.end(upgrade, "done", "")
      return
    }
    row.state = "upgrading"
    this.fleet.changed("fleet")
    this.fleet.later(() => {
      if (upgrade.state !== "running") return
      if (row.worker === this.failsOn) {
        Object.assign(row, { state: "reverted", detail: "It did not report back within 60 s." })
        this.end(upgrade, "failed", `${row.worker} did not report back and runs ${row.from} again.`)
        return
      }
      row.state = "done"
      this.fleet.find(row.worker).versions = versions
      this.next(upgrade, at + 1)
    })
  }

  private end(upgrade: Writable<AgentUpgrade>, state: AgentUpgrade["state"], reason: string): AgentUpgrade {
    Object.assign(upgrade, { state, reason, finishedAt: now() })
    this.fleet.changed("fleet")
    return upgrade
  }
}
