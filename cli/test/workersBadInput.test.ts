import { describe, expect, it } from "vitest"
import { usePlatform } from "./usePlatform.ts"

const { platform, run, begin } = usePlatform()
const fleet = () => platform().state.fleet

const add = (...flags: ReadonlyArray<string>) => ["add", ...flags]
const set = (...flags: ReadonlyArray<string>) => ["set", "dev", ...flags]

describe("bad input ends with 2 and asks nothing of the platform", () => {
  it.each([
    [add("--role", "database"), "role"],
    [add("--runtime", "bun"), "runtime"],
    [add("--name", "Fra1_A"), "name: a worker's name has 1 to 63"],
    [add("--region", "Frankfurt am Main"), "region: a region has 1 to 32"],
    [add("--label", "ssd"), '--label: write NAME=value, not "ssd"'],
    [add("--label", "Disk=ssd"), "a label's name has 1 to 63"],
    [add("--label", "disk=ssd\u001b[2J"), "labels.disk: a label's value has at most 63"],
    [add(...Array.from({ length: 17 }, (_, n) => ["--label", `l${n}=`]).flat()), "labels: at most 16 labels"],
    [add("--allow-from", "the office"), "allowFrom: an address range looks like"],
    [add("--script", "--nixos"), "--script and --nixos cannot be used together"],
    [add("--wait", "--timeout", "soon"), "--timeout: write a time"],
    [set(), "Nothing says what to change."],
    [set("--region", "fra1", "--no-region"), "--region and --no-region cannot be used together"],
    [set("--name", "-"), "name: a worker's name has 1 to 63"],
    [set("--label", "=x"), '--label: write NAME=value, not "=x"'],
    [["drain", "dev", "--minutes", "0"], "write a number of minutes between 1 and 1440"],
    [["drain", "dev", "--minutes", "soon"], "minutes"],
    [["drain", "dev", "--wait", "--timeout", "0"], "--timeout: write a time"],
    [["history", "dev", "--hours", "169"], "write a number of hours between 1 and 168"],
    [["upgrade", "--stop", "--show"], "--stop and --show cannot be used together"],
    [["drain"], "skypanel workers drain [flags] <name>"],
    [["revoke"], "skypanel workers revoke [flags] <id>"],
    [["drian", "dev"], "drain"],
    [["--search", "x", "show", "dev"], "--search"],
  ])("%j", async (args, says) => {
    const { code, out, err } = await run("workers", ...args)
    expect({ code, out }).toEqual({ code: 2, out: "" })
    expect(err).toContain(says)
    expect(err).not.toContain("\u001b")
    expect([fleet().requests, fleet().installations, fleet().audit]).toEqual([[], [], []])
  })
})

describe("what is refused ends with 4", () => {
  it.each([
    [["show", "gone"]],
    [["events", "gone"]],
    [["history", "gone"]],
    [["replace", "gone"]],
    [["drain", "gone", "--wait"]],
    [["undrain", "gone"]],
    [["remove", "gone", "--yes"]],
    [["move-services", "gone"]],
    [["readmit", "gone"]],
    [["set", "gone", "--no-region"]],
  ])("a worker that is not there: %j", async (args) => {
    const { code, out, err } = await run("workers", ...args)
    expect({ code, out, err }).toEqual({
      code: 4,
      out: "",
      err: "✗ There is no worker gone.\n  Next: See what there is with skypanel workers.\n",
    })
  })

  it("a name that is taken", async () => {
    fleet().add({ name: "fra1-a" })
    const added = await run("workers", "add", "--name", "dev", "--json")
    expect(added).toMatchObject({ code: 4, out: "" })
    expect(JSON.parse(added.err)).toMatchObject({ error: { tag: "NameTaken" } })
    expect(await run("workers", "set", "fra1-a", "--name", "dev")).toMatchObject({ code: 4, out: "" })
    expect(fleet().worker("fra1-a").name).toBe("fra1-a")
  })

  it("an installation that is not there", async () => {
    expect(await run("workers", "revoke", "ins_none")).toMatchObject({ code: 4, out: "" })
  })

  it.each([
    [[]],
    [["list"]],
    [["show", "dev"]],
    [["events", "dev"]],
    [["history", "dev"]],
    [["add"]],
    [["installations"]],
    [["revoke", "ins_1"]],
    [["replace", "dev"]],
    [["drain", "dev"]],
    [["undrain", "dev"]],
    [["remove", "dev", "--yes"]],
    [["move-services", "dev"]],
    [["readmit", "dev"]],
    [["set", "dev", "--no-region"]],
    [["upgrade"]],
    [["upgrade", "--stop"]],
    [["policy"]],
    [["policy", "set", "failover=by-hand"]],
    [["audit"]],
  ])("everything for who is no administrator: workers %j", async (args) => {
    fleet().administrator = false
    const { code, out, err } = await run("workers", ...args)
    expect({ code, out }).toEqual({ code: 4, out: "" })
    expect(err).toContain("Only administrators may do that.")
  })

  it("a wait for which one is no administrator any more", async () => {
    const running = begin("workers", "add", "--wait")
    await running.says("waiting for the machine")
    fleet().administrator = false
    const { code, err } = await running.ended
    expect(code).toBe(4)
    expect(err).toContain("Only administrators may do that.")
  })
})
