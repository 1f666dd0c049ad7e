import { describe, expect, it } from "vitest"
import { exposedPort, ownerOf, settingsNow, settingsOf } from "./ImageSettings.ts"
import type { OciConfig } from "./OciImage.ts"

const image = (config: NonNullable<OciConfig["config"]>): OciConfig => ({
  os: "linux",
  architecture: "amd64",
  config,
  rootfs: { diff_ids: [] },
})

describe("an image's user", () => {
  it.each(["1000", "1000:1000", "65534:65534", "829998", "830033:1000", "999999999"])("may be %s", (user) =>
    expect(settingsOf(image({ User: user })).user).toBe(user),
  )

  it.each([
    [null, { uid: 65534, gid: 65534 }],
    ["1001", { uid: 1001, gid: 1001 }],
    ["1001:2002", { uid: 1001, gid: 2002 }],
  ])("%j is who its volume belongs to", (user, owner) =>
    expect(ownerOf({ user, writable: [] })).toEqual(owner),
  )

  it.each([
    ...["", "root", "app", "0", "0:0", "1000:0", "0:1000", "-1", "1e3", "01000", "4294967296"],
    ...["1", "999", "1000:999", "101:1000", "829999", "830000", "830032", "1000:830000"],
  ])("%j is nobody", (user) => expect(settingsOf(image({ User: user })).user).toBeNull())

  it("is nobody also where it was stored when more were allowed", () => {
    const writable = ["/data"]
    expect(settingsNow({ user: "101:101", writable })).toEqual({ user: null, writable })
    expect(settingsNow({ user: "1000", writable })).toEqual({ user: "1000", writable })
    expect(settingsNow({ user: null, writable })).toEqual({ user: null, writable })
  })
})

describe("an image's port", () => {
  it("is the lowest of those that it names", () =>
    expect(exposedPort(image({ ExposedPorts: { "9000/tcp": {}, "80": {}, "53/udp": {}, "0": {} } }))).toBe(
      80,
    ))

  it("is found among more than there can be", () => {
    const many = Object.fromEntries(Array.from({ length: 400_000 }, (_, n) => [`${n % 65_536}/${n}`, {}]))
    expect(exposedPort(image({ ExposedPorts: { "3000/tcp": {}, ...many } }))).toBe(3000)
    expect(exposedPort(image({ ExposedPorts: many }))).toBeNull()
  })
})
