import { describe, expect, it } from "vitest"
import { undoing } from "./engine-traces.ts"

const before = [
  "-P INPUT ACCEPT",
  "-P FORWARD ACCEPT",
  "-N MINE",
  "-A FORWARD -i eth1 -j MINE",
  "-A MINE -j DROP",
]

describe("undoing what Docker did to the packet filter", () => {
  it("takes away its rules before its chains, and restores the policy", () => {
    const now = [
      "-P INPUT ACCEPT",
      "-P FORWARD DROP",
      "-N DOCKER",
      "-N DOCKER-USER",
      ...before.slice(2),
      "-A FORWARD -j DOCKER-USER",
      "-A FORWARD -o docker_gwbridge -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT",
      "-A DOCKER-USER -j RETURN",
    ]
    expect(undoing(before, now)).toEqual([
      ["-P", "FORWARD", "ACCEPT"],
      ["-D", "FORWARD", "-j", "DOCKER-USER"],
      "-D FORWARD -o docker_gwbridge -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT".split(" "),
      ["-F", "DOCKER"],
      ["-F", "DOCKER-USER"],
      ["-X", "DOCKER"],
      ["-X", "DOCKER-USER"],
    ])
  })

  it("leaves what was there before, and what others added meanwhile", () => {
    const theirs = [...before, "-N DOCKER", "-A FORWARD -j DOCKER", "-A DOCKER -j RETURN"]
    expect(undoing(theirs, theirs)).toEqual([])
    expect(undoing(before, [...before, "-A INPUT -p tcp --dport 22 -j ACCEPT", "-N THEIRS"])).toEqual([])
  })
})
