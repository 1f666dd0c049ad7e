import { describe, expect, it } from "vitest"
import { addressOf } from "./peerAddress.ts"

describe("addressOf", () => {
  it.each([
    ["192.0.2.7:80", "192.0.2.7", 80],
    ["127.0.0.1:65535", "127.0.0.1", 65535],
    ["[2001:db8::7]:443", "2001:db8::7", 443],
    ["[::ffff:192.0.2.7]:1", "::ffff:192.0.2.7", 1],
  ])("reads %s", (text, address, port) => {
    expect(addressOf(text)).toEqual({ address, port })
  })

  it.each([
    "",
    "192.0.2.7",
    "192.0.2.7:",
    "192.0.2.7:0",
    "192.0.2.7:65536",
    "192.0.2.7:80 ",
    "192.0.2.7:80\n",
    "192.0.2.256:80",
    "1.2.3:80",
    "worker.example.com:80",
    "localhost:80",
    "2001:db8::7:80",
    "[2001:db8::7]",
    "[fe80::1%eth0]:80",
    "[192.0.2.7]:80",
    "0.0.0.0:80",
    "[::]:80",
    "[0:0::0.0.0.0]:80",
    "192.0.2.7/24:80",
    "192.0.2.7;x:80",
  ])("does not take %j", (text) => {
    expect(addressOf(text)).toBeNull()
  })
})
