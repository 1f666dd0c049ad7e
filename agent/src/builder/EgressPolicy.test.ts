import { describe, expect, test } from "vitest"
import {
  destinationOf,
  type EgressPolicy,
  isPublicAddress,
  parseDestination,
  refusesAddress,
  refusesDestination,
} from "./EgressPolicy.ts"

const policy: EgressPolicy = {
  allowPrivate: false,
  ports: new Set([80, 443]),
  exceptions: new Set(["registry.example:4873"]),
  receivedMax: 1000,
  cache: null,
}

describe("where a build may connect", () => {
  test.each(["1.1.1.1", "8.8.8.8", "2606:4700:4700::1111", "::ffff:1.1.1.1"])("%s is public", (address) =>
    expect(isPublicAddress(address)).toBe(true),
  )
  test.each([
    "127.0.0.1",
    "0.0.0.0",
    "10.1.2.3",
    "172.17.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "224.0.0.1",
    "255.255.255.255",
    "203.0.113.5",
    "::1",
    "::",
    "fe80::1",
    "fd00::2",
    "ff02::1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "64:ff9b::7f00:1",
    "2002:7f00:1::",
    "not an address",
  ])("%s is not", (address) => expect(isPublicAddress(address)).toBe(false))
  test("a port outside the list is refused before its name is looked up", () => {
    expect(refusesDestination(policy, { host: "example.org", port: 22 })).toContain("port 22")
    expect(refusesDestination(policy, { host: "example.org", port: 443 })).toBeNull()
  })
  test("a public name that resolves to a private address is refused", () => {
    expect(refusesAddress(policy, { host: "rebind.example", port: 443 }, "169.254.169.254")).not.toBeNull()
    expect(refusesAddress(policy, { host: "example.org", port: 443 }, "1.1.1.1")).toBeNull()
  })
  test("an exception holds for its host and port only", () => {
    expect(refusesDestination(policy, { host: "registry.example", port: 4873 })).toBeNull()
    expect(refusesAddress(policy, { host: "registry.example", port: 4873 }, "127.0.0.1")).toBeNull()
    expect(refusesAddress(policy, { host: "registry.example", port: 443 }, "127.0.0.1")).not.toBeNull()
  })
})

describe("a destination", () => {
  test.each([
    ["example.org:443", { host: "example.org", port: 443 }],
    ["EXAMPLE.org:80", { host: "example.org", port: 80 }],
    ["[::1]:22", { host: "::1", port: 22 }],
  ])("%s is read", (text, expected) => expect(parseDestination(text)).toEqual(expected))
  test.each(["example.org", "example.org:0", "example.org:65536", "a b:80", "x:80\r\n", ":80", "u@h:80"])(
    "%j is refused",
    (text) => expect(parseDestination(text)).toBeNull(),
  )
  test("of a URL has its scheme's port", () => {
    expect(destinationOf("https://registry.example.org/")).toBe("registry.example.org:443")
    expect(destinationOf("http://127.0.0.1:4873/x")).toBe("127.0.0.1:4873")
  })
})
