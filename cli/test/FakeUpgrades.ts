import { NotPossibleNow } from "@skypanel/contract/Errors"
import type { AgentUpgrade, Fleet } from "@skypanel/contract/Fleet"
import type { Worker } from "@skypanel/contract/Worker"
import { Effect } from "effect"
import { instant, type Mutable } from "./fakeRows.ts"
import { idOf, session } from "./fixtures.ts"

type WorkerUpgrade = AgentUpgrade["workers"][number]

/** Upgrades of the agents of the fake fleet: each step is the test's. */
export class FakeUpgrades {
  private count = 0

  start(fleet: Mutable<Fleet>, workers: ReadonlyArray<Worker>): Effect.Effect<AgentUpgrade, NotPossibleNow> {
    if (fleet.upgrade?.state === "running")
      return Effect.fail(new NotPossibleNow({ message: "An upgrade is under way.", next: "Wait for it." }))
    fleet.upgrade = {
      id: idOf("upg", ++this.count) as AgentUpgrade["id"],
      version: fleet.agentVersion,
      state: "running",
      reason: "",
      startedBy: session.user.email,
      startedAt: instant(),
      finishedAt: null,
      workers: workers.map(({ name }) => ({ worker: name, state: "waiting", from: "0.1.0", detail: "" })),
    }
    return Effect.succeed(fleet.upgrade)
  }

  stop(fleet: Mutable<Fleet>): Effect.Effect<AgentUpgrade, NotPossibleNow> {
    if (fleet.upgrade?.state !== "running")
      return Effect.fail(new NotPossibleNow({ message: "No upgrade is under way.", next: "" }))
    return Effect.succeed(this.end(fleet, "stopped", "An administrator stopped it."))
  }

  /** For tests: how far a worker is. */
  worker(fleet: Mutable<Fleet>, name: string, state: WorkerUpgrade["state"], detail = "") {
    const upgrade = fleet.upgrade!
    fleet.upgrade = {
      ...upgrade,
      workers: upgrade.workers.map((each) => (each.worker === name ? { ...each, state, detail } : each)),
    }
  }

  end(fleet: Mutable<Fleet>, state: AgentUpgrade["state"], reason = ""): AgentUpgrade {
    fleet.upgrade = { ...fleet.upgrade!, state, reason, finishedAt: instant() }
    return fleet.upgrade
  }
}
