import { chmodSync, copyFileSync, mkdirSync } from "node:fs"
import { join } from "node:path"
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest"
import { until } from "../lab/until.ts"
import { useMachine } from "./useMachine.ts"

// The script on a machine that says it is NixOS: it has systemd, and a nixos-rebuild that keeps generations, succeeds,
// fails in each of its ways, or hangs. What is written for it is evaluated by the real Nix in nixosFlake's test.

const machine = useMachine()

beforeAll(async () => {
  const { root } = machine().server
  for (const name of ["nixos-rebuild", "agent"]) {
    copyFileSync(join(import.meta.dirname, "nixos", name), join(root, "usr/local/bin", name))
    chmodSync(join(root, "usr/local/bin", name), 0o755)
  }
  mkdirSync(join(root, "etc/nixos"), { recursive: true })
  mkdirSync(join(root, "nix/var/nix/profiles/system-7-link"), { recursive: true })
  await machine().read("touch /etc/NIXOS && echo none > /nix/var/nix/profiles/system-7-link/agent")
})

beforeEach(async () => {
  await machine().read(
    [
      "ln -sfn system-7-link /nix/var/nix/profiles/system",
      "rm -rf /etc/skypanel /var/lib/skypanel /etc/nixos/* /run/nixos-rebuild.log",
      "touch /run/nixos-rebuild.log",
      "echo '{ }' > /etc/nixos/configuration.nix",
      "systemctl stop skypanel-agent 'skypanel-revert-*.timer' 2>/dev/null || true",
    ].join("\n"),
  )
})
afterEach(() => machine().read("systemctl stop skypanel-agent 'skypanel-revert-*.timer' 2>/dev/null || true"))

const generation = () => machine().read("readlink /nix/var/nix/profiles/system")
const rebuilds = async () => (await machine().read("cat /run/nixos-rebuild.log")).split("\n").filter(Boolean)
const isArmed = async () => (await machine().sh("systemctl is-active 'skypanel-revert-*.timer'")).code === 0

/** The script, with deadlines that a test can wait for. */
const script = async (deadlines: { readonly connect?: number; readonly switch?: number } = {}) =>
  (await machine().platform.scripts())
    .replace(/connect_seconds='\d+'/, `connect_seconds='${deadlines.connect ?? 20}'`)
    .replace(/switch_seconds='\d+'/, `switch_seconds='${deadlines.switch ?? 20}'`)
    // The timer leaves a minute more, in which the script itself goes back.
    .replaceAll("_seconds + 60))", "_seconds + 2))")

const run = async (what: string, deadlines = {}) => {
  await machine().read(`echo ${what} > /run/nixos-rebuild`)
  return machine().server.run(["sh"], { input: await script(deadlines), within: 120 })
}

const switched = "switch --impure --flake path:/etc/skypanel#server1"

describe("a machine with NixOS", () => {
  it("is switched to a configuration with the worker in it, which stays when the agent is connected", async () => {
    const { code, stdout } = await run("works")
    expect(code).toBe(0)
    expect(stdout).toContain("done: this machine is worker server1")
    expect(await generation()).toBe("system-8-link")
    expect(await rebuilds()).toEqual([switched])
    expect(await isArmed()).toBe(false)
    const flake = await machine().read("cat /etc/skypanel/flake.nix")
    expect(flake).not.toMatch(/@\w+@/)
    expect(flake).toContain(`controlPlane = "${machine().platform.url}";`)
    expect(flake).toContain('nixosConfigurations."server1" =\n        if false then')
  }, 120_000)

  it("has the token where only root reads it, and not in what becomes readable for everybody", async () => {
    await run("works")
    expect(await machine().read("stat --format %a:%U /var/lib/skypanel/token")).toBe("600:root")
    expect(await machine().read("ls /etc/skypanel")).toBe("flake.nix")
    expect(await machine().read("cat /etc/skypanel/flake.nix")).not.toContain(machine().platform.token)
  }, 120_000)

  it("may have a flake of its own", async () => {
    await machine().read("echo '{ }' > /etc/nixos/flake.nix")
    expect((await run("works")).code).toBe(0)
    expect(await machine().read("cat /etc/skypanel/flake.nix")).toContain("if true then")
  }, 120_000)

  it("is asked for its configuration when there is none", async () => {
    await machine().read("rm /etc/nixos/configuration.nix")
    const { code, stderr } = await run("works")
    expect(code).toBe(1)
    expect(stderr).toContain("Neither flake.nix nor configuration.nix is in /etc/nixos. Nothing was changed.")
    expect(await rebuilds()).toEqual([])
  }, 60_000)

  it("takes the same line again", async () => {
    await run("works")
    expect((await run("works")).code).toBe(0)
    expect(await generation()).toBe("system-9-link")
  }, 120_000)
})

describe("the configuration before comes back", () => {
  it("when the new one cannot be built: nothing was switched", async () => {
    const { code, stderr } = await run("build-fails")
    expect(code).toBe(1)
    expect(stderr).toContain("builder for 'nixos-system' failed")
    expect(stderr).toContain("The machine is as it was.")
    expect(await generation()).toBe("system-7-link")
    expect(await rebuilds()).toEqual([switched])
    expect(await isArmed()).toBe(false)
  }, 60_000)

  it("when nixos-rebuild hangs", async () => {
    const { code, stderr } = await run("hangs", { switch: 3 })
    expect(code).toBe(1)
    expect(stderr).toContain("The machine is as it was.")
    expect(await generation()).toBe("system-7-link")
    expect((await machine().sh("pgrep --full '[s]leep 1000'")).code).toBe(1)
  }, 60_000)

  it("when it was switched to in part only", async () => {
    const { code, stderr } = await run("activation-fails")
    expect(code).toBe(1)
    expect(stderr).toContain("the following units failed")
    expect(await generation()).toBe("system-7-link")
    expect(await rebuilds()).toEqual([switched, "switch --rollback"])
  }, 60_000)

  it("when the agent has not reported in time", async () => {
    const { code, stdout, stderr } = await run("agent-is-silent", { connect: 4 })
    expect(code).toBe(1)
    expect(stdout).toContain("Going back to the configuration before")
    expect(stderr).toContain("the agent of the new configuration runs")
    expect(await generation()).toBe("system-7-link")
    expect((await machine().sh("systemctl is-active skypanel-agent")).code).not.toBe(0)
  }, 60_000)

  it("by itself, when the script was cut off between the switch and what it waits for then", async () => {
    // The second time that it arms a timer, it is killed instead.
    await machine().read(
      [
        "cat > /usr/local/bin/systemd-run <<'END'",
        "#!/bin/sh",
        'case "$*" in *skypanel-revert-connect*) kill -9 "$PPID" ;; *) exec /usr/bin/systemd-run "$@" ;; esac',
        "END",
        "chmod 755 /usr/local/bin/systemd-run",
      ].join("\n"),
    )
    try {
      await run("agent-is-silent", { switch: 4 })
      expect(await generation()).toBe("system-8-link")
      await until("the configuration before", async () =>
        (await generation()) === "system-7-link" ? true : null,
      )
    } finally {
      await machine().read("rm /usr/local/bin/systemd-run")
    }
  }, 120_000)

  /** Runs the script, and kills it (-9) when it has switched. */
  const cutOff = async (what: string) => {
    await machine().read(`echo ${what} > /run/nixos-rebuild`)
    const running = machine().server.run(["setsid", "--wait", "sh", "-c", "echo $$ > /run/group; exec sh"], {
      input: await script({ connect: 4 }),
      within: 120,
    })
    await until("the switch", async () =>
      (await machine().sh("systemctl is-active skypanel-agent")).code === 0 ? true : null,
    )
    await machine().read("kill -9 -$(cat /run/group)")
    await running
  }

  it("by itself, when the script was cut off", async () => {
    await cutOff("agent-is-silent")
    await until("the configuration before", async () =>
      (await generation()) === "system-7-link" ? true : null,
    )
    expect(await rebuilds()).toEqual([switched, "switch --rollback"])
  }, 120_000)

  it("not at all, when the script was cut off and the agent reports all the same", async () => {
    await cutOff("works")
    await until("the timer to have run", async () => ((await isArmed()) ? null : true))
    expect(await generation()).toBe("system-8-link")
    expect(await rebuilds()).toEqual([switched])
  }, 120_000)
})
