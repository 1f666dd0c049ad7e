import { describe, expect, it } from "vitest"
import { usePlatform } from "./usePlatform.ts"

const { platform, run, begin } = usePlatform()
const fleet = () => platform().state.fleet
const command = `curl -fsSL http://127.0.0.1:8080/install/${"t".repeat(43)} | sh\n`

describe("workers add", () => {
  it("prints nothing but the command on standard output, and how to take it back beside it", async () => {
    const { code, out, err } = await run("workers", "add")
    expect({ code, out }).toEqual({ code: 0, out: command })
    expect(err).toContain("Paste this into a root shell of the machine. It works once, within an hour.")
    expect(err).toContain(`Take it back: skypanel workers revoke ${fleet().installations[0]!.id}`)
    expect(fleet().requests).toEqual(["install {}"])
  })

  it("sends what the flags say", async () => {
    const names = [
      "--name",
      "fra1-a",
      "--region",
      "fra1",
      "--runtime",
      "node",
      "--allow-from",
      "192.0.2.0/24",
    ]
    const roles = ["--role", "services", "--role", "builder", "--role", "builder"]
    const labels = ["--label", "disk=ssd", "--label", "note=rack 7"]
    expect((await run("workers", "add", ...names, ...roles, ...labels)).code).toBe(0)
    expect(fleet().installations[0]).toMatchObject({
      name: "fra1-a",
      region: "fra1",
      runtime: "node",
      allowFrom: "192.0.2.0/24",
      roles: ["services", "builder"],
      labels: { disk: "ssd", note: "rack 7" },
    })
  })

  it("prints the script or the NixOS lines as they are, and the token that those need", async () => {
    expect((await run("workers", "add", "--script")).out).toBe("#!/bin/sh\nset -eu\n\techo hello\n")
    const nixos = await run("workers", "add", "--nixos")
    expect(nixos.out).toMatch(/^services\.skypanel\.worker = \{\n {2}enable = true;/)
    expect(nixos.err).toContain(`Token: ${"t".repeat(43)}`)
    const { out } = await run("workers", "add", "--json")
    expect(JSON.parse(out)).toMatchObject({ installation: { state: "open" }, command: command.trimEnd() })
  })

  it("shows with --wait how it goes, and ends with the name of the active worker", async () => {
    const running = begin("workers", "add", "--wait")
    await running.says("waiting for the machine")
    fleet().installations[0]!.state = "fetched"
    await running.says("the machine has fetched the script")
    const worker = fleet().register("fresh-1")
    await running.says("… joining  It has not reported yet.")
    await platform().stop()
    Object.assign(worker, { state: "active", reason: "" })
    await platform().start()
    const { code, out, err } = await running.ended
    expect({ code, out }).toEqual({ code: 0, out: `${command}fresh-1\n` })
    expect(err).toMatch(/✓ registered as fresh-1\n… joining.*\n✓ active\n$/)
  })

  it("prints a line for each with --wait --json: the installation, then the worker", async () => {
    const running = begin("workers", "add", "--name", "fra1-a", "--wait", "--json")
    await running.says("waiting for the machine")
    Object.assign(fleet().register("fresh-1"), { state: "active", reason: "" })
    const { code, out } = await running.ended
    const [created, worker] = out.trimEnd().split("\n")
    expect(code).toBe(0)
    expect(JSON.parse(created!)).toMatchObject({ installation: { name: "fra1-a" } })
    expect(JSON.parse(worker!)).toMatchObject({ name: "fra1-a", state: "active" })
  })

  it.each([
    ["expired", "No machine has come within the hour."],
    ["revoked", "The installation was revoked."],
  ] as const)("ends with 1 when it is %s while it waits", async (state, says) => {
    const running = begin("workers", "add", "--wait")
    await running.says("waiting for the machine")
    fleet().installations[0]!.state = state
    const { code, err } = await running.ended
    expect(code).toBe(1)
    expect(err).toContain(says)
  })

  it("ends only the waiting on Ctrl-C, and says how to go on", async () => {
    const running = begin("workers", "add", "--wait")
    await running.says("waiting for the machine")
    running.process.kill("SIGINT")
    const { code, err } = await running.ended
    expect(code).toBe(130)
    expect(err).toContain("It goes on. See it: skypanel workers installations")
    expect(fleet().installations[0]!.state).toBe("open")
  })

  it("ends with 5 when the time is over", async () => {
    const { code, err } = await run("workers", "add", "--wait", "--timeout", "300ms")
    expect(code).toBe(5)
    expect(err).toContain("No active worker after 300ms.")
  })
})

describe("installations", () => {
  it("are listed and revoked", async () => {
    await run("workers", "add", "--name", "fra1-a", "--allow-from", "192.0.2.7")
    const { id } = fleet().installations[0]!
    expect((await run("workers", "installations")).out).toMatch(
      new RegExp(`${id} +open +fra1-a +services, ingress +— +192\\.0\\.2\\.7 +in \\d+ min +admin@`),
    )
    expect((await run("workers", "revoke", id)).out).toBe(
      "It is revoked: its command is of no use any more.\n",
    )
    expect(JSON.parse((await run("workers", "installations", "--json")).out)).toMatchObject([
      { id, state: "revoked" },
    ])
    fleet().register("fra1-a")
    const used = await run("workers", "revoke", id)
    expect(used).toMatchObject({ code: 4, out: "" })
    expect(used.err).toContain("Next: Remove its worker instead.")
  })

  it("give a worker a new identity", async () => {
    fleet().add({ name: "fra1-a" })
    const running = begin("workers", "replace", "fra1-a", "--wait")
    await running.says("waiting for the machine")
    expect((await run("workers", "installations")).out).toMatch(/fra1-a \(replaced\)/)
    fleet().register("other-host")
    expect((await running.ended).out).toBe(`${command}fra1-a\n`)
    const development = await run("workers", "replace", "dev")
    expect(development).toMatchObject({ code: 4, out: "" })
  })
})
