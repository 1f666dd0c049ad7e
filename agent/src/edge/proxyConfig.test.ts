import { describe, expect, it } from "vitest"
import { proxyConfig } from "./proxyConfig.ts"
import { defaultLimits, type ProxySettings } from "./proxySettings.ts"

const settings: ProxySettings = { ...defaultLimits, bind: "127.0.0.1", port: 8000, user: null }

describe("proxyConfig", () => {
  it("is the same text for the same settings", () => {
    expect(proxyConfig(settings)).toBe(proxyConfig({ ...settings }))
  })

  it("serves as another user when it is started as root", () => {
    expect(proxyConfig({ ...settings, user: { uid: 101, gid: 102 } })).toContain("\n  uid 101\n  gid 102\n")
    expect(proxyConfig(settings)).not.toContain("\n  uid ")
  })

  it("listens on IPv6 too", () => {
    expect(proxyConfig({ ...settings, bind: "::1" })).toContain("bind [::1]:8000 ")
  })

  it.each(["", "localhost", "0.0.0.0\nbind *:1", "1.2.3.4:80"])("does not take %j for an address", (bind) => {
    expect(() => proxyConfig({ ...settings, bind })).toThrow("not an address")
  })
})
