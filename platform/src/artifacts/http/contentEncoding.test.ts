import { expect, it } from "vitest"
import { acceptedEncoding, isLoopback } from "./contentEncoding.ts"

it.each([
  // dockerd 20.10 and containerd 1.6; containerd 2; Docker's own build of dockerd.
  ["gzip", "gzip"],
  ["zstd;q=1.0, gzip;q=0.8, deflate;q=0.5", "zstd"],
  ["identity", null],
  ["", null],
  ["gzip, deflate, br", "gzip"],
  ["GZIP;q=0.5", "gzip"],
  ["zstd;q=0, gzip", "gzip"],
  ["gzip;q=0.000", null],
  ["br, *", null],
] as const)("answers %j with %s", (header, encoding) => {
  expect(acceptedEncoding(header)).toBe(encoding)
})

it.each([
  ["127.0.0.1", true],
  ["::ffff:127.1.2.3", true],
  ["::1", true],
  ["10.0.0.1", false],
  ["::ffff:10.0.0.1", false],
  ["1270::1", false],
])("knows whether %s is this machine", (address, own) => {
  expect(isLoopback(address)).toBe(own)
})
