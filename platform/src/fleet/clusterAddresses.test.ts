import { describe, expect, it } from "vitest"
import { clusterAddresses, clusterAddressesMost } from "./clusterAddresses.ts"

const machine = (...addresses: ReadonlyArray<string>) => ({ addresses, endpointAddress: null })

describe("clusterAddresses", () => {
  it("are the platform's and every machine's, by whatever address others may see it, each once and in order", () => {
    const known = clusterAddresses(
      "10.0.0.1",
      ["93.184.216.2", "10.0.0.1"],
      [
        { addresses: ["10.0.0.11", "2001:db8::11"], endpointAddress: "93.184.216.11:80" },
        { addresses: ["10.0.0.12", "10.0.0.11"], endpointAddress: "[2001:db8::12]:80" },
      ],
    )
    expect(known).toEqual([
      ...["10.0.0.1", "10.0.0.11", "10.0.0.12", "2001:db8::11", "2001:db8::12"],
      ...["93.184.216.11", "93.184.216.2"],
    ])
  })

  it("are none while the addresses of one machine, or the manager's, are not known: it would be cut off", () => {
    const known = machine("10.0.0.11")
    expect(
      clusterAddresses("10.0.0.1", [], [known, { addresses: null, endpointAddress: "10.0.0.12:80" }]),
    ).toEqual([])
    expect(clusterAddresses("10.0.0.1", [], [known, machine()])).toEqual([])
    expect(clusterAddresses("eth0", [], [known])).toEqual([])
  })

  it("are addresses only, whatever a worker says", () => {
    const hostile = {
      addresses: ["10.0.0.11", "0.0.0.0/0", "-j ACCEPT", "x"],
      endpointAddress: "evil.example:80",
    }
    expect(clusterAddresses("10.0.0.1", [], [hostile])).toEqual(["10.0.0.1", "10.0.0.11"])
  })

  it("are none where they are too many for a packet filter", () => {
    const many = Array.from({ length: clusterAddressesMost }, (_, at) => `10.1.${at >> 8}.${at & 255}`)
    expect(clusterAddresses("10.1.0.0", [], [machine(...many)])).toHaveLength(clusterAddressesMost)
    expect(clusterAddresses("10.0.0.1", [], [machine(...many)])).toEqual([])
    // Of so many machines not all were looked at: whoever shares an address with others is not to hide that.
    const sharing = Array.from({ length: clusterAddressesMost + 1 }, () => machine("10.0.0.11"))
    expect(clusterAddresses("10.0.0.1", [], sharing)).toEqual([])
  })
})
