import { describe, expect, it } from "vitest"
import { knownBy, removedBy } from "./packages.ts"

describe("removedBy", () => {
  it("reads what apt-get would take away", () => {
    const simulation = [
      "NOTE: This is only a simulation!",
      "Remv docker-compose [1.29.2-3]",
      "Purg docker.io [20.10.24+dfsg1-1]",
      "Purg libnftnl11:amd64 [1.2.4-2]",
    ].join("\n")
    expect(removedBy(simulation)).toEqual(["docker-compose", "docker.io", "libnftnl11"])
  })
})

describe("knownBy", () => {
  it("names packages without their architecture, and none that is gone", () => {
    expect(knownBy("haproxy\t2.6.12-1\nlibnftnl11:amd64\t1.2.4-2\ntini\t\n")).toEqual([
      "haproxy",
      "libnftnl11",
    ])
  })
})
