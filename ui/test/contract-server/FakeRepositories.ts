import { NotPossibleNow } from "@skypanel/contract/Errors"
import type { Hook, HookDelivery, Repository } from "@skypanel/contract/Repository"
import type { FakePlatform } from "./FakePlatform.ts"
import { now } from "./ids.ts"

export interface Connection extends Pick<Repository, "credential" | "hostKeys" | "hook" | "poll"> {
  readonly deliveries: readonly HookDelivery[]
}

export const by = () => ({ createdBy: "ada@example.org", createdAt: now() })

export const newHook = (): Hook => ({
  url: "http://localhost:8080/hooks/R2hvc3RzIGluIHRoZSBtYWNoaW5l",
  paths: [],
  enabled: true,
  refusedAt: null,
  ...by(),
})

/** How services are connected to their repositories; nothing is fetched. */
export class FakeRepositories {
  private readonly connections = new Map<string, Connection>()
  private readonly platform: FakePlatform

  constructor(platform: FakePlatform) {
    this.platform = platform
  }

  of(name: string): Connection {
    return (
      this.connections.get(name) ?? { credential: null, hostKeys: [], hook: null, poll: null, deliveries: [] }
    )
  }

  change(name: string, change: Partial<Connection>): Repository {
    const { source } = this.platform.find(name).service
    if (source._tag !== "git")
      throw new NotPossibleNow({ message: "That is no repository.", next: "Deploy it from one." })
    const { deliveries, ...connection } = { ...this.of(name), ...change }
    this.connections.set(name, { ...connection, deliveries })
    if (Object.keys(change).length > 0) this.platform.changed("service", name, null)
    const protocol = source.url.startsWith("ssh:") ? "ssh" : "https"
    return { url: source.url, branch: source.ref, protocol, ...connection }
  }

  /** As if the Git host had told of a push. */
  deliver(name: string, delivery: Partial<HookDelivery>): void {
    const whole: HookDelivery = {
      at: now(),
      provider: "github",
      event: "push",
      branch: "main",
      revision: "3f2c9e1b7a6d5c4b3a29181706f5e4d3c2b1a090",
      author: "Grace Hopper",
      outcome: "ignored",
      reason: "Only docs/ changed.",
      deployment: null,
      ...delivery,
    }
    this.change(name, { deliveries: [whole, ...this.of(name).deliveries] })
  }
}
