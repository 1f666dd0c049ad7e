import { describe, expect, it } from "vitest"
import { addressesOf } from "./ownAddress.ts"

const at = (...addresses: ReadonlyArray<string>) => addresses.map((address) => ({ address }) as never)

describe("addressesOf", () => {
  it("are those that another machine may see this one by, each once", () => {
    expect(
      addressesOf({
        lo: at("127.0.0.1", "::1", "93.184.216.11"),
        eth0: at("10.0.0.11", "fe80::1", "2001:db8::11", "10.0.0.11"),
        wg0: at("100.64.0.7"),
        docker0: at("172.17.0.1"),
        docker_gwbridge: at("172.18.0.1"),
        "br-0123456789ab": at("172.19.0.1"),
        veth12: at("169.254.9.9"),
      }),
    ).toEqual(["10.0.0.11", "100.64.0.7", "2001:db8::11", "93.184.216.11"])
  })

  it("are not more than the platform takes", () => {
    const many = Array.from({ length: 100 }, (_, n) => `10.0.1.${n}`)
    expect(addressesOf({ eth0: at(...many) })).toHaveLength(64)
  })
})
