import { describe, expect, it } from "vitest"
import { removalOf } from "./packetFilter.ts"

describe("removalOf", () => {
  it("takes away our chains, whatever they are called, and what leads there", () => {
    const printed = [
      "-P INPUT ACCEPT",
      "-N DOCKER-USER",
      "-N SKYPANEL-INPUT",
      "-N SKYPANEL-OF-AN-OLDER-AGENT",
      "-A INPUT -i docker0 -j SKYPANEL-INPUT",
      "-A INPUT -p tcp -j ACCEPT",
      "-A DOCKER-USER -i docker_gwbridge -j SKYPANEL-OF-AN-OLDER-AGENT",
      "-A SKYPANEL-INPUT -j SKYPANEL-OF-AN-OLDER-AGENT",
    ].join("\n")
    expect(removalOf("mangle", printed)?.split("\n")).toEqual([
      "*mangle",
      "-D INPUT -i docker0 -j SKYPANEL-INPUT",
      "-D DOCKER-USER -i docker_gwbridge -j SKYPANEL-OF-AN-OLDER-AGENT",
      "-F SKYPANEL-INPUT",
      "-F SKYPANEL-OF-AN-OLDER-AGENT",
      "-X SKYPANEL-INPUT",
      "-X SKYPANEL-OF-AN-OLDER-AGENT",
      "COMMIT",
      "",
    ])
  })

  it("does nothing where nothing of ours is", () => {
    expect(removalOf("filter", "-P INPUT ACCEPT\n-A INPUT -j DROP\n")).toBeNull()
  })
})
