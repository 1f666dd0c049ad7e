import { describe, expect, it } from "vitest"
import { parseRecord } from "./record.ts"

describe("parseRecord", () => {
  it("reads what the script wrote, each thing once", () => {
    const hash = "a".repeat(64)
    const text = [
      `file /etc/docker/daemon.json ${hash}`,
      "folder /var/lib/docker",
      "emptied /etc/gitconfig",
      "user dockremap",
      "group docker",
      "masked haproxy.service",
      "package haproxy",
      "package haproxy",
      `token ${hash}`,
      "half-writ",
    ].join("\n")
    expect(parseRecord(text)).toEqual({
      packages: ["haproxy"],
      files: [{ path: "/etc/docker/daemon.json", sha256: hash }],
      folders: ["/var/lib/docker"],
      emptied: ["/etc/gitconfig"],
      users: ["dockremap"],
      groups: ["docker"],
      masked: ["haproxy.service"],
    })
  })

  it("finds nothing in nothing", () => {
    expect(Object.values(parseRecord("")).flat()).toEqual([])
  })
})
