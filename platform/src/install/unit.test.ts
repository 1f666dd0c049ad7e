import type { WorkerRole } from "@skypanel/contract/Worker"
import { describe, expect, it } from "vitest"
import { unitFile } from "./unit.ts"

const lines = (...roles: ReadonlyArray<WorkerRole>) => unitFile({ runtime: "deno", roles }).split("\n")
const capabilities = (unit: ReadonlyArray<string>) =>
  unit.flatMap((line) => (line.startsWith("CapabilityBoundingSet=") ? line.split("=")[1]!.split(" ") : []))

describe("unitFile", () => {
  it("leaves the proxy running, and gives each capability a reason", () => {
    for (const unit of [lines("services"), lines("builder"), lines("ingress")]) {
      expect(unit).toContain("KillMode=process")
      for (const [index, line] of unit.entries())
        if (line.startsWith("CapabilityBoundingSet=")) expect(unit[index - 1]).toMatch(/^# \S/)
    }
  })

  it("makes no mounts where the Docker Engine has to see the agent's", () => {
    expect(
      lines("services").filter((line) => /^(?:Private|ProtectSystem|ProtectHome|ReadOnly)/.test(line)),
    ).toEqual([])
    expect(lines("ingress")).toContain("ProtectSystem=strict")
  })

  it("gives a worker that only passes requests on no more than its proxy needs", () => {
    expect(capabilities(lines("ingress"))).not.toContain("CAP_SYS_ADMIN")
    expect(capabilities(lines("services"))).toContain("CAP_SYS_ADMIN")
  })

  it("hands nothing down to builds that their sandboxes need", () => {
    for (const setting of ["SystemCallFilter", "RestrictNamespaces", "ProtectHostname"])
      expect(lines("builder", "services").filter((line) => line.startsWith(setting))).toEqual([])
  })

  it("opens loop devices to whoever has volumes, also beside builds, and no other device to anybody", () => {
    const devices = (...roles: ReadonlyArray<WorkerRole>) =>
      lines(...roles).filter((line) => line.startsWith("Device"))
    const loops = ["DevicePolicy=closed", "DeviceAllow=/dev/loop-control rw", "DeviceAllow=block-loop rw"]
    expect(devices("services")).toEqual(loops)
    expect(devices("services", "builder")).toEqual(loops)
    expect(devices("builder")).toEqual(["DevicePolicy=closed"])
  })

  it("gives the launcher on Deno no folder but its own, and no network", () => {
    const start = lines("services").find((line) => line.startsWith("ExecStart="))
    expect(start).toContain("--allow-write=/var/lib/skypanel/agent --allow-run ")
    expect(start).not.toMatch(/--allow-(?:net|all)/)
    expect(unitFile({ runtime: "node", roles: ["services"] })).toContain(
      "ExecStart=/usr/local/lib/skypanel/node /usr/local/lib/skypanel/launcher.mjs\n",
    )
  })
})
