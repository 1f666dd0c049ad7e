import { describe, expect, test } from "vitest"
import { type Confinement, confine, fetcherId, type Host, passwdFile, samePath } from "./Confinement.ts"

const host: Host = {
  system: [
    { path: "/usr", link: null },
    { path: "/bin", link: "usr/bin" },
  ],
  names: "/data/names",
  path: "/usr/bin:/bin",
  certificates: "/etc/ssl/certs/ca-certificates.crt",
}
const confinement = (more: Partial<Confinement> = {}): Confinement => ({
  as: "evaluator",
  network: null,
  writable: [samePath("/nix")],
  readable: [{ from: "/data/x", to: "/material/x" }],
  scratchBytes: 1000,
  fileBytes: 2000,
  addressBytes: null,
  environment: { A: "1", EMPTY: "" },
  ...more,
})
const text = (more: Partial<Confinement> = {}) => confine(host, confinement(more), ["nix", "--x y"]).join(" ")

describe("the arguments that shut a program in", () => {
  test("end in the command itself, as it is", () => {
    expect(confine(host, confinement(), ["nix", "--x y"]).slice(-3)).toEqual(["--", "nix", "--x y"])
  })
  test("show the system, the materials and names of our own, and nothing else of the machine", () => {
    const args = confine(host, confinement(), ["nix"])
    const shown = args.flatMap((arg, index) =>
      /^--(?:ro-)?bind(?:-try)?$/.test(arg) ? [args[index + 1]] : [],
    )
    expect(shown).toEqual([
      "/usr",
      "/data/names/passwd",
      "/data/names/group",
      "/data/names/hosts",
      "/etc/ssl/certs/ca-certificates.crt",
      "/data/x",
      "/nix",
    ])
    expect(text()).toContain("--symlink usr/bin /bin")
  })
  test("always take the processes, the environment and the terminal away, and wait for the control group", () => {
    for (const as of ["fetcher", "evaluator", "builder"] as const) {
      for (const flag of [
        "--unshare-pid",
        "--unshare-ipc",
        "--clearenv",
        "--new-session",
        "--die-with-parent",
        "--block-fd 3",
      ])
        expect(text({ as })).toContain(flag)
    }
  })
  test("give no network, or the namespace that was asked for", () => {
    expect(text()).toContain("--unshare-net")
    expect(text()).not.toContain("nsenter")
    expect(text({ network: "/proc/7/ns/net" })).toMatch(/^nsenter --net=\/proc\/7\/ns\/net -- /)
    expect(text({ network: "/proc/7/ns/net" })).not.toContain("--unshare-net")
  })
  test("leave no capability to the fetcher and the evaluator but what they start with", () => {
    expect(text({ as: "fetcher" })).toContain(`setpriv --reuid=${fetcherId}`)
    expect(text({ as: "fetcher" })).toContain("--bounding-set=-all --no-new-privs")
    expect(text({ as: "evaluator" })).toContain("--cap-drop ALL --cap-add CAP_DAC_READ_SEARCH")
    expect(text({ as: "evaluator" })).not.toContain("/proc /proc --bind")
  })
  test("bound files, and the address space where there is no control group", () => {
    expect(text()).toContain("--fsize=2000")
    expect(text()).not.toContain("--as=")
    expect(text({ addressBytes: 3000 })).toContain("--as=3000")
  })
  test("set the variables that have a value", () => {
    expect(text()).toContain("--setenv A 1")
    expect(text()).not.toContain("EMPTY")
  })
})

test("no user of ours inside is one of this machine's", () => {
  const ids = [...passwdFile.matchAll(/^[^:]+:x:(\d+):/gm)].map((match) => Number(match[1]))
  expect(ids.filter((id) => id !== 0).every((id) => id > 800_000)).toBe(true)
  expect(new Set(ids).size).toBe(ids.length)
})
