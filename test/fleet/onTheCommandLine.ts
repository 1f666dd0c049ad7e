import { beforeAll, expect, it } from "vitest"
import { type FleetWorker, inFleet, type TestFleet } from "../lab/fleet.ts"
import type { LabWorker } from "../lab/lab.ts"
import { until } from "../lab/until.ts"
import { fetchScript } from "./machine.ts"
import { transcribe } from "./screenshots.ts"

/** The life of a worker with `skypanel workers …`: added, watched, lost, back, drained, removed. */
export const onTheCommandLine = (fleet: () => TestFleet) => {
  const { homesOf } = inFleet(fleet)
  let machine: LabWorker
  let added: FleetWorker

  beforeAll(async () => {
    machine = await fleet().addMachine()
  }, 60_000)

  const skypanel = async (...args: ReadonlyArray<string>) => {
    const ended = await fleet().cli("workers", ...args)
    transcribe(args, ended)
    return ended
  }
  const well = async (...args: ReadonlyArray<string>) => {
    const { code, stdout, stderr } = await skypanel(...args)
    expect(code, stderr).toBe(0)
    return { stdout, stderr }
  }
  const json = async (...args: ReadonlyArray<string>) => JSON.parse((await well(...args, "--json")).stdout)
  const line = async (name: string, ...args: ReadonlyArray<string>) =>
    (await well(...args)).stdout.split("\n").find((one) => one.startsWith(name)) ?? ""
  const names = async () => (await json("list")).map(({ name }: { name: string }) => name)

  it("lists the workers, for people and for programs", async () => {
    expect(await line("hel1-a")).toMatch(/active +services, ingress +hel1 +\d+ % of \d+ +\S+ GiB of \S+ GiB/)
    expect(await line("builder")).toMatch(/\(development\) +active +builder/)
    expect(await names()).toEqual(["builder", "hel1-a", "nbg1-a"])
    expect(await line("hel1-a", "list", "--search", "nbg1")).toBe("")
  }, 30_000)

  it("adds one by a command that is shown once, and follows it until it works", async () => {
    const args = ["workers", "add", "--name", "fsn1-b", "--region", "fsn1", "--label", "disk=nvme", "--wait"]
    const adding = fleet().startCli(...args)
    const [command] = await adding.says(/curl -fsSL '\S+' \| sh/)
    await adding.says(/waiting for the machine/)
    const { script, token } = await fetchScript(fleet(), machine, command)
    expect(script).toMatch(/^#!\/bin\/sh\n/)
    await adding.says(/the machine has fetched the script/)
    added = await fleet().addWorker({}, { name: "fsn1-b", machine, token })
    const { code, stdout, stderr } = await adding.ended
    transcribe(args.slice(1), { code, stdout, stderr })
    expect(code, stderr).toBe(0)
    expect(stdout.trimEnd().split("\n")).toEqual([command, "fsn1-b"])
    expect(stderr).toMatch(/✓ registered as fsn1-b\n(?:.*\n)*✓ active/)
    expect(await line("ins_", "installations")).toMatch(/used +fsn1-b +services, ingress +fsn1/)
  }, 90_000)

  it("takes a command back that was not used", async () => {
    const { installation, command } = await json("add", "--name", "never")
    expect((await well("revoke", installation.id)).stdout).toMatch(/revoked/)
    expect((await fetchScript(fleet(), machine, command)).script).toContain("revoked")
    expect((await json("installations"))[0]).toMatchObject({ id: installation.id, state: "revoked" })
  }, 30_000)

  it("shows it and what runs there", async () => {
    await fleet().api("PATCH", "/organizations/acme/services/web", { replicas: 3 })
    await until("an instance there", async () => ((await homesOf("web")).includes(added) ? true : null))
    const { stdout } = await well("show", "fsn1-b")
    expect(stdout).toMatch(/^State +active for /m)
    expect(stdout).toMatch(/^Labels +disk=nvme$/m)
    expect(stdout).toMatch(/^acme\/web +\d +serving, healthy/m)
    const { worker, instances } = await json("show", "fsn1-b")
    expect(worker).toMatchObject({ name: "fsn1-b", state: "active", takesNew: true })
    expect(instances[0]).toMatchObject({ service: "web", healthy: true })
    expect((await well("history", "fsn1-b")).stdout).toMatch(/CPU/)
  }, 60_000)

  it("sees it die and come back", async () => {
    await added.powerOff()
    await until("it to be suspect", async () => (/suspect/.test(await line("fsn1-b")) ? true : null))
    expect(await line("fsn1-b")).toMatch(/Neither its agent nor its proxy answers/)
    await added.powerOn()
    await until("it to be active", async () => (/active/.test(await line("fsn1-b")) ? true : null))
    const { stdout } = await well("events", "fsn1-b")
    expect(stdout).toMatch(/is back|is active/)
  }, 90_000)

  it("drains it with progress to its end, and brings it back", async () => {
    await fleet().api("PATCH", "/organizations/acme/services/web", { replicas: 4 })
    await until("an instance there", async () => ((await homesOf("web")).includes(added) ? true : null))
    const { stdout, stderr } = await well("drain", "fsn1-b", "--wait")
    expect(stdout).toBe("fsn1-b is drained.\n")
    expect(stderr).toMatch(/… \d of \d instances? left/)
    expect(await line("fsn1-b")).toMatch(/drained/)
    expect((await well("undrain", "fsn1-b")).stdout).toBe("fsn1-b takes services again.\n")
  }, 120_000)

  it("removes it, and its history stays", async () => {
    const asked = await skypanel("remove", "fsn1-b")
    expect(asked.code).not.toBe(0)
    expect(asked.stderr).toMatch(/--yes/)
    expect((await well("remove", "fsn1-b", "--yes", "--wait")).stdout).toBe("fsn1-b is removed.\n")
    expect(await names()).not.toContain("fsn1-b")
    expect((await well("events", "fsn1-b")).stdout).toMatch(/removed/)
    expect((await well("audit")).stdout).toMatch(/fsn1-b/)
    await added.agent.end("SIGTERM")
  }, 90_000)

  it("says what is wrong, and what to do", async () => {
    const { code, stderr } = await skypanel("show", "nowhere")
    expect(code).not.toBe(0)
    expect(stderr).toMatch(/nowhere/)
    expect((await skypanel("undrain", "hel1-a")).stderr).toMatch(/hel1-a/)
    expect((await skypanel("upgrade", "--show")).stderr).toMatch(/no upgrade/)
    expect((await well("policy")).stdout).toMatch(/suspect/)
  }, 30_000)
}
