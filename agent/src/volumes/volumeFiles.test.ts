import type { ServiceId } from "@skypanel/contract/Id"
import { describe, expect, it } from "vitest"
import { nobody, outsideOf } from "./containerOwner.ts"
import { mountsOf } from "./mounts.ts"
import { expired, pathsOf, removedName, unwanted, volumeFilesOf } from "./volumeFiles.ts"

const [a, b] = ["a", "b"].map((letter) => `svc_${letter.repeat(24)}`) as [ServiceId, ServiceId]
const day = 24 * 60 * 60 * 1000
const now = Date.parse("2026-11-25T12:00:00Z")

describe("the files of volumes", () => {
  it("are named after their service", () => {
    expect(pathsOf("/data/volumes", a)).toEqual({
      image: `/data/volumes/${a}.img`,
      unfinished: `/data/volumes/${a}.img.new`,
      mountPoint: `/data/volumes/${a}`,
    })
  })

  it("are told apart, and from what is not ours", () => {
    const removed = [removedName(a, new Date(now - day)), removedName(a, new Date(now))]
    const names = [
      `${a}.img`,
      a,
      `${b}.img.new`,
      ...removed,
      "notes.txt",
      "svc_short.img",
      "x.img.removed-2026",
    ]
    const files = volumeFilesOf([...names, `../${a}.img`, `${a}.img.removed-2026-99-99T99-99-99Z`])
    expect([...files.images]).toEqual([a])
    expect(files.unfinished).toEqual([`${b}.img.new`])
    expect(files.removed).toEqual([
      { name: removed[1], serviceId: a, at: now },
      { name: removed[0], serviceId: a, at: now - day },
    ])
    expect(unwanted(files, new Set())).toEqual([a])
    expect(unwanted(files, new Set([a]))).toEqual([])
  })

  it("are over a week after their removal", () => {
    const names = [6, 8].map((days) => removedName(a, new Date(now - days * day)))
    expect(expired(volumeFilesOf(names), now).map(({ name }) => name)).toEqual([names[1]])
  })
})

describe("mountsOf", () => {
  it("reads places with spaces, and takes the upper of two mounts", () => {
    const mounts = mountsOf(
      [
        "27 1 254:0 / / rw,relatime - ext4 /dev/vda rw",
        "90 27 7:1 / /data/a\\040b rw,nosuid shared:3 - ext4 /dev/loop1 rw",
        "91 27 7:2 / /data/a\\040b rw,nosuid - ext4 /dev/loop2 rw",
        "",
      ].join("\n"),
    )
    expect(mounts.get("/data/a b")).toBe("/dev/loop2")
    expect(mounts.get("/")).toBe("/dev/vda")
  })
})

describe("the owner of a volume", () => {
  it("is who its containers run as, as the engine maps it", () => {
    expect(outsideOf("/var/lib/docker", nobody)).toEqual({ uid: 65534, gid: 65534 })
    expect(outsideOf("/var/lib/docker/100000.200000", nobody)).toEqual({ uid: 165534, gid: 265534 })
    expect(outsideOf("/var/lib/docker/100000.200000", { uid: 1001, gid: 1 })).toEqual({
      uid: 101001,
      gid: 200001,
    })
  })
})
