import { readdir, readFile } from "node:fs/promises"
import { createServer, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import { networkInterfaces } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { groupParent, processesMax } from "../BuildSpaces.ts"
import { buildImageOf, imageAssignment, newServiceId, noImages, shell } from "../testing/Dockerfiles.ts"
import { nonce, processesWith, until } from "../testing/Processes.ts"
import { openWorkbench, token, type Workbench } from "../testing/Workbench.ts"
import { imageUsers } from "./UserNamespace.ts"

const asked: Array<string> = []
let canary: Server
let port: number
let bench: Workbench
beforeAll(async () => {
  canary = createServer((request, response) => {
    asked.push(request.url ?? "")
    response.end("canary")
  })
  await new Promise<void>((resolve) => canary.listen(0, "0.0.0.0", resolve))
  port = (canary.address() as AddressInfo).port
  bench = await openWorkbench()
}, 180_000)
afterAll(async () => {
  await bench?.close()
  canary?.close()
})

const service = newServiceId()
const addresses = () =>
  Object.values(networkInterfaces())
    .flat()
    .flatMap((address) => (address?.family === "IPv4" && !address.internal ? [address.address] : []))
const run = async (script: string, limits = {}) => {
  const { observed, lines } = await buildImageOf(bench, service, `${shell}RUN ${script}\n`, limits)
  return { observed, texts: lines.map(({ text }) => text.trim()) }
}
// What is refused is said on the other stream, which would come in between.
const script = (...commands: ReadonlyArray<string>) => [...commands, "exit 1"].join("; ")

describe.skipIf(noImages !== null)("a step of a hostile Dockerfile", { timeout: 60_000 }, () => {
  test("reaches neither this machine, nor the platform, nor metadata, nor private addresses", async () => {
    const platform = new URL(bench.config.controlPlane).port
    const direct = [
      `127.0.0.1 ${port}`,
      `127.0.0.1 ${platform}`,
      ...addresses().map((each) => `${each} ${port}`),
    ]
    const urls = [
      `127.0.0.1:${port}`,
      `localhost:${port}`,
      `127.0.0.1:${platform}`,
      "169.254.169.254",
      "10.0.0.1",
      ...addresses().map((each) => `${each}:${port}`),
    ]
    const { texts } = await run(
      script(
        ...direct.map((each) => `nc -w 1 ${each} </dev/null 2>/dev/null && echo REACHED || echo closed`),
        ...urls.map((url) => `wget -q -O- http://${url}/ 2>/dev/null && echo REACHED || echo refused`),
        "echo devices $(cut -d: -f1 /proc/net/dev | tail -n +3)",
      ),
    )
    expect(texts.filter((text) => text === "closed").length).toBe(direct.length)
    expect(texts.filter((text) => text === "refused").length).toBe(urls.length)
    expect(texts).toContain("devices lo")
    expect(texts).not.toContain("REACHED")
    expect(texts).not.toContain("canary")
    expect(asked).toEqual([])
  })
  test("is nobody outside, and sees its own processes and files only", async () => {
    const { texts } = await run(
      `--mount=type=bind,source=/,target=/host ${script(
        "echo mapped: $(cat /proc/self/uid_map)",
        "echo processes: $(ls /proc | grep -c '^[0-9]')",
        "echo root: $(ls /)",
        "echo host: $(ls /host)",
        "echo variables: $(env | cut -d= -f1 | sort)",
        "(mount -t tmpfs none /mnt || unshare -m true || mknod /disk b 254 0) 2>/dev/null || echo powerless",
        "(echo x > /proc/sys/kernel/hostname || echo x > /proc/sys/kernel/core_pattern) 2>/dev/null || echo harmless",
      )}`,
    )
    const said = Object.fromEntries(texts.map((text) => text.split(/: (.*)/).slice(0, 2)))
    expect(said.mapped).toBe(`0 ${imageUsers.first} ${imageUsers.count}`)
    expect(Number(said.processes)).toBeLessThan(10)
    expect(said.root).toEqual(expect.stringMatching(/^bin dev etc host proc(?: sys)?$/))
    expect(said.host).toBe("Dockerfile busybox")
    expect(said.variables).not.toMatch(/SKYPANEL|TOKEN|DOCKER/i)
    expect(texts).toContain("powerless")
    expect(texts).toContain("harmless")
    expect(texts.join("\n")).not.toContain(token)
  })
  test("that forks without end stays within its number of processes and leaves none", async () => {
    const word = `bomb${nonce()}`
    const build = imageAssignment(
      bench,
      service,
      `${shell}RUN bomb() { sh -c 'sleep 60' ${word} & bomb & bomb & wait; }; bomb\n`,
      { buildSeconds: 5 },
    )
    await bench.assign(build)
    const current = async () => {
      const files = ["/sys/fs/cgroup/pids", "/sys/fs/cgroup"].map((root) =>
        readFile(join(root, groupParent(bench.config), build.id, "pids.current"), "utf8").catch(() => "0"),
      )
      return Math.max(...(await Promise.all(files)).map(Number))
    }
    let most = 0
    const counting = setInterval(async () => {
      most = Math.max(most, await current())
    }, 50)
    const { observed } = await bench.finished(build.id)
    clearInterval(counting)
    expect(observed.failure?.code).toBe("build-limit")
    expect(await processesWith(word)).toBe(0)
    expect(most).toBeGreaterThan(processesMax / 2)
    expect(most).toBeLessThanOrEqual(processesMax)
  })
  test("that prints without end, or takes all memory, is stopped", async () => {
    const loud = await run("yes some words that nobody reads", { logBytes: 100_000 })
    expect(loud.observed.failure).toMatchObject({
      code: "build-limit",
      title: expect.stringContaining("printed more"),
    })
    expect(loud.texts.join("\n").length).toBeLessThan(200_000)
    const large = await run("tail /dev/zero", { memoryBytes: 512 * 1024 ** 2 })
    expect(large.observed.failure).toMatchObject({
      code: "build-limit",
      title: expect.stringContaining("memory"),
    })
  })
  test("dies with a build that is canceled, with the engine that ran it", async () => {
    const word = `waiting${nonce()}`
    const build = imageAssignment(bench, service, `${shell}RUN echo ${word} && sh -c 'sleep 600' ${word}\n`)
    await bench.assign(build)
    await until("the step runs", async () => bench.lines(build.id).some(({ text }) => text === word))
    await bench.assign({ ...build, canceled: true })
    const { observed } = await bench.finished(build.id)
    expect(observed.failure?.code).toBe("canceled")
    expect(await processesWith(word)).toBe(0)
    expect(await processesWith("/data --exec-root")).toBe(0)
    expect(await readdir(join(bench.config.dataFolder, "builds"))).toEqual([])
  })
})
