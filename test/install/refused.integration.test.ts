import { afterEach, beforeAll, describe, expect, it } from "vitest"
import { difference, snapshot } from "./snapshot.ts"
import { useMachine } from "./useMachine.ts"

// Whatever is wrong is said, with what to do about it, and before anything is changed.

const machine = useMachine()
let before: ReadonlyArray<string> = []
beforeAll(async () => {
  before = await snapshot(machine())
})
afterEach(async () => {
  expect(difference(before, await snapshot(machine()))).toEqual([])
})

/** What the pasted line says when it does not go. */
const refusal = async (line?: string) => {
  const { code, stdout, stderr } = await (line === undefined
    ? machine().paste()
    : machine().sh(line, { within: 120 }))
  expect([code, stdout]).toEqual([1, expect.not.stringContaining("done")])
  return stderr
}
const pasted = () => `curl -fsSL ${machine().platform.url}/install/${machine().platform.token}`

describe("the platform gives no script", () => {
  it.each([
    ["used", "has been used"],
    ["expired", "has expired"],
    ["revoked", "was revoked"],
    ["forbidden", "this machine's address"],
    ["unknown", "is not known"],
  ] as const)("for a token that is %s", async (reason, words) => {
    machine().platform.refusal = reason
    const said = await refusal()
    machine().platform.refusal = null
    expect(said).toContain(words)
  })
})

describe("a machine is left alone", () => {
  it("without root", async () => {
    expect(await refusal(`${pasted()} | setpriv --reuid=1000 --clear-groups sh`)).toContain(
      "Only root can add this machine",
    )
  })

  it.each([
    ["ID=alpine\\nVERSION_ID=3.20\\nPRETTY_NAME=Alpine", "Alpine"],
    ['ID=debian\\nVERSION_ID=11\\nPRETTY_NAME="Debian 11"', "Debian 11"],
    ['ID=ubuntu\\nVERSION_ID=20.04\\nPRETTY_NAME="Ubuntu 20.04"', "Ubuntu 20.04"],
    ['ID=ubuntu\\nVERSION_ID=22.03\\nPRETTY_NAME="Ubuntu 22.03"', "Ubuntu 22.03"],
    ["ID=ubuntu\\nPRETTY_NAME=Unnumbered", "Unnumbered"],
  ])("with %s", async (release, name) => {
    await machine().read(
      `printf '${release}\\n' > /run/os-release && mount --bind /run/os-release /usr/lib/os-release`,
    )
    const said = await refusal()
    await machine().read("umount /usr/lib/os-release")
    expect(said).toContain(`This machine has ${name}`)
    expect(said).toContain("Nothing was changed")
  })

  it("with too little disk", async () => {
    await machine().read("mkdir /var/lib/docker && mount -t tmpfs -o size=3g small /var/lib/docker")
    const said = await refusal()
    await machine().read("umount /var/lib/docker && rmdir /var/lib/docker")
    expect(said).toMatch(/Only \d+ MiB are free where \/var\/lib\/docker is; at least 5 GiB are needed/)
  })

  it("with too little memory", async () => {
    await machine().read(
      "sed 's/^MemTotal:.*/MemTotal: 500000 kB/' /proc/meminfo > /run/meminfo && mount --bind /run/meminfo /proc/meminfo",
    )
    const said = await refusal()
    await machine().read("umount /proc/meminfo")
    expect(said).toContain("This machine has 488 MiB of memory; a worker needs at least 768 MiB")
  })

  it("when something else listens on port 80", async () => {
    const listening = machine().sh(
      "perl -MIO::Socket::INET -e 'my $s = IO::Socket::INET->new(LocalPort => 80, Listen => 1); sleep 60'",
    )
    await machine().read("until ss -ltn | grep -q ':80 '; do sleep 0.1; done")
    const said = await refusal()
    await machine().sh("pkill perl")
    await listening
    expect(said).toContain("Something listens on port 80")
    expect(said).toContain("perl")
  })

  it("when the platform cannot be reached any more", async () => {
    const script = await machine().platform.scripts()
    const gone = script.replaceAll(machine().platform.url, `http://${machine().server.hostAddress}:9`)
    const { code, stderr } = await machine().server.run(["sh"], { input: gone })
    expect(code).toBe(1)
    expect(stderr).toContain("does not reach the platform")
    expect(stderr).toContain("Nothing was changed")
  })

  it("when the platform has no runtime for it", async () => {
    const script = (await machine().platform.scripts()).replace(
      /runtime_path_x86_64='[^']*'/,
      "runtime_path_x86_64=''",
    )
    const { code, stderr } = await machine().server.run(["sh"], { input: script })
    expect(code).toBe(1)
    expect(stderr).toMatch(/The platform has no deno for machines of the kind \w+/)
  })

  it("with an option that there is not", async () => {
    const { code, stderr } = await machine().paste("--fast")
    expect(code).toBe(1)
    expect(stderr).toContain("There is no option --fast")
  })

  it("with an address that is none", async () => {
    for (const address of ["192.0.2.7", "$(id):80", "192.0.2.7:80x"]) {
      const { code, stderr } = await machine().paste("--address", `'${address}'`)
      expect(code).toBe(1)
      expect(stderr).toContain(`${address} is no address`)
    }
  })

  it("when the script is only read", async () => {
    const { code, stdout } = await machine().paste("--help")
    expect(code).toBe(0)
    expect(stdout).toContain("skypanel-agent uninstall")
  })
})
