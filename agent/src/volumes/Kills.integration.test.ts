import { spawn } from "node:child_process"
import { chmodSync, readdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, beforeAll, expect, it } from "vitest"
import { until } from "../../test/containers.ts"
import { serviceId, temporaryFolder } from "../../test/edge.ts"
import { asContainer, mountPointIn, startEngineInfo, startVolumes, unmountAll } from "../../test/volumes.ts"
import { nothing } from "../desired/DesiredState.ts"

const MiB = 1024 * 1024
const rounds = 9
const { folder, remove } = temporaryFolder()
const socket = join(folder, "docker.sock")
const program = join(import.meta.dirname, "../../test/volumesProgram.ts")
const runtime =
  "deno" in process.versions ? ["run", "--allow-all"] : ["--disable-warning=ExperimentalWarning"]
let engine: Awaited<ReturnType<typeof startEngineInfo>>

/** One volume that grows each time, and one more of each round. */
const wanted = (round: number) => [
  { serviceId: serviceId(1), sizeBytes: (32 + 16 * round) * MiB },
  ...Array.from({ length: round }, (_, n) => ({ serviceId: serviceId(n + 2), sizeBytes: 16 * MiB })),
]

/** Starts it, and so many milliseconds later kills it with everything that it has started. */
const killAfter = async (ms: number) => {
  const child = spawn(process.execPath, [...runtime, program, folder, socket], {
    detached: true,
    stdio: ["ignore", "pipe", "inherit"],
  })
  await new Promise((resolve) => child.stdout.once("data", resolve))
  await new Promise((resolve) => setTimeout(resolve, ms))
  process.kill(-child.pid!, "SIGKILL")
  await new Promise((resolve) => child.once("exit", resolve))
}

beforeAll(async () => {
  chmodSync(folder, 0o755)
  engine = await startEngineInfo(socket, "/var/lib/docker")
})
afterAll(async () => {
  unmountAll(folder)
  await engine.stop()
  remove()
})

it("volumes are whole in the end, however often the agent is killed while it makes and grows them", async () => {
  const first = await startVolumes(folder, socket, { volumes: wanted(0) })
  await until("the first", () => first.volumes.ready().length === 1 || undefined)
  asContainer(`echo kept > ${mountPointIn(folder, serviceId(1))}/file`)
  await first.stop()
  for (let round = 1; round <= rounds; round++) {
    // Every third time the machine loses its power, too.
    if (round % 3 === 0) unmountAll(folder)
    writeFileSync(
      join(folder, "desired.json"),
      JSON.stringify({ ...nothing, generation: round, volumes: wanted(round) }),
    )
    await killAfter(round * 15)
  }
  const last = await startVolumes(folder, socket, { volumes: wanted(rounds) })
  await until(
    "all of them",
    () => last.volumes.ready().length === rounds + 1 || last.volumes.problem() || undefined,
    60,
  )
  expect(last.volumes.problem()).toBeNull()
  expect(asContainer(`cat ${mountPointIn(folder, serviceId(1))}/file`)).toBe("kept\n")
  for (const { serviceId: id } of wanted(rounds)) asContainer(`echo x > ${mountPointIn(folder, id)}/mark`)
  expect(readdirSync(join(folder, "volumes")).filter((name) => name.endsWith(".new"))).toEqual([])
  await last.stop()
}, 120_000)
