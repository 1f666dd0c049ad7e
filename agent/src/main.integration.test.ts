import type { Desired, Up } from "@skypanel/contract/AgentProtocol"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { useEngine } from "../../test/lab/fixtures.ts"
import { BUSYBOX, BUSYBOX_PROGRAM, importBusybox } from "../../test/lab/images.ts"
import { place, prepareNetwork, until, watch } from "../test/containers.ts"
import { askHost, deploymentId, freePort, serviceId, temporaryFolder } from "../test/edge.ts"
import { type AgentConnection, startChannel } from "../test/platform.ts"
import { type RunningAgent, startAgent } from "../test/program.ts"
import { nothing } from "./desired/DesiredState.ts"

const engine = useEngine()
const { folder, remove } = temporaryFolder()
let channel: Awaited<ReturnType<typeof startChannel>>
let endpointPort = 0
let agent: RunningAgent | null = null
const host = "web-acme.localhost"

const start = () => {
  agent = startAgent({
    SKYPANEL_CONTROL_PLANE: channel.url.href,
    SKYPANEL_DATA: folder,
    SKYPANEL_DOCKER_SOCKET: engine().socket,
    SKYPANEL_ENDPOINT_PORT: String(endpointPort),
    SKYPANEL_FIREWALL: "off",
    SKYPANEL_ORIGIN: "development",
  })
  return agent
}

const serves = (n: number) =>
  `${BUSYBOX_PROGRAM} mkdir /w; echo ${n} > /w/n; exec ${BUSYBOX_PROGRAM} httpd -f -p 3000 -h /w`
const ask = () => askHost(endpointPort, host, "/n")
const desired = (generation: number, watched: ReadonlyArray<number>, live: number | null): Desired => ({
  ...nothing,
  generation,
  placements: watched.map((n) => watch(n, 3000, "/n")),
  routes: [
    { host, serviceId: serviceId(1), deploymentId: live === null ? null : deploymentId(live), peers: [] },
  ],
})

type Observed = Extract<Up, { _tag: "observed" }>
const connected = async (before: number): Promise<AgentConnection> => {
  const connection = await until("a connection", () => channel.connections[before])
  await until("what it says first", () => connection.said[1])
  return connection
}
const saw = (connection: AgentConnection, what: string, is: (observed: Observed) => boolean) =>
  until(what, () => connection.said.findLast((one) => one._tag === "observed" && is(one)))
const healthy = (n: number) => (observed: Observed) =>
  observed.containers.some((one) => one.deploymentId === deploymentId(n) && one.healthy)

beforeAll(async () => {
  channel = await startChannel()
  await channel.identity(folder)
  endpointPort = await freePort()
  await importBusybox(engine().docker)
  await prepareNetwork(engine().docker)
})
afterAll(async () => {
  await agent?.end("SIGTERM")
  await channel?.stop()
  remove()
})

describe("the agent", () => {
  it("says what is wrong with its settings, and ends", async () => {
    const wrong = startAgent({ SKYPANEL_CONTROL_PLANE: "nonsense", SKYPANEL_DATA: folder })
    expect(await wrong.ended).toBe(1)
    expect(wrong.output()).toContain("SKYPANEL_CONTROL_PLANE")
  })

  it("leads an endpoint to a container once that is healthy", async () => {
    start()
    const connection = await connected(0)
    connection.send(desired(1, [1], 1))
    await saw(connection, "generation 1", ({ generation }) => generation === 1)
    expect(await ask()).toBe("503")
    await place(engine().docker, BUSYBOX, 1, serves(1))
    const report = await saw(connection, "a healthy container", healthy(1))
    // The report and the proxy's routes follow the same change, in no order.
    const deadline = performance.now() + 1_000
    let answer = await ask()
    while (answer !== "1" && performance.now() < deadline) answer = await ask()
    expect(answer).toBe("1")
    // What a deployment waits for, from the container's start to our report of it.
    const [container] = (report as Observed).containers
    expect(Date.now() - Date.parse(container!.startedAt!)).toBeLessThan(10_000)
  })

  it("moves traffic from a release to the next without losing a request", async () => {
    const connection = channel.connections[0]!
    connection.send(desired(2, [1, 2], 1))
    await place(engine().docker, BUSYBOX, 2, serves(2))
    await saw(connection, "the new one healthy", healthy(2))
    expect(await ask()).toBe("1")
    const answers: Array<string> = []
    let done = false
    const load = (async () => {
      while (!done) answers.push(await ask().catch(String))
    })()
    const took: Array<number> = []
    for (let generation = 3; generation < 23; generation++) {
      const live = generation % 2 === 1 ? 2 : 1
      const began = performance.now()
      connection.send(desired(generation, [1, 2], live))
      await saw(connection, "it moved", (observed) => observed.generation === generation)
      took.push(performance.now() - began)
      expect(await ask()).toBe(String(live))
    }
    done = true
    await load
    expect(answers.filter((answer) => answer !== "1" && answer !== "2")).toEqual([])
    expect(answers.length).toBeGreaterThan(20)
    // The reports are at least 100 ms apart.
    expect(took.toSorted((a, b) => a - b)[10]).toBeLessThan(1_000)
  })

  it("leads to an instance that is not healthy any more rather than to none", async () => {
    const connection = channel.connections[0]!
    const { containers } = (await saw(
      connection,
      "both healthy",
      (one) => healthy(1)(one) && healthy(2)(one),
    )) as Observed
    connection.send(desired(30, [1, 2], 1))
    await saw(connection, "generation 30", ({ generation }) => generation === 30)
    const { containerId } = containers.find((one) => one.deploymentId === deploymentId(1))!
    const inside = async (...command: ReadonlyArray<string>) => {
      const made = await engine()
        .docker.getContainer(containerId)
        .exec({ Cmd: [BUSYBOX_PROGRAM, ...command] })
      await made.start({ Detach: true })
    }
    const told = connection.said.length
    await inside("mv", "/w/n", "/w/m")
    await until("it not to be healthy", () =>
      connection.said.slice(told).find((one) => one._tag === "observed" && !healthy(1)(one)),
    )
    expect(await askHost(endpointPort, host, "/m")).toBe("1")
    await inside("mv", "/w/m", "/w/n")
    await saw(connection, "it is healthy", (one) => one.generation === 30 && healthy(1)(one))
    expect(await ask()).toBe("1")
  }, 60_000)

  it("goes on serving while the platform is away, also through its own death", async () => {
    const { port } = channel
    const live = await ask()
    await channel.stop()
    expect(await ask()).toBe(live)
    await agent!.end("SIGKILL")
    expect(await ask()).toBe(live)
    start()
    // No request is refused while the new agent takes over from the one that died.
    const until = performance.now() + 3_000
    while (performance.now() < until) expect(await ask().catch(String)).toBe(live)
    channel = await startChannel(port)
    const connection = await connected(0)
    await saw(connection, "its report", ({ containers }) => containers.length === 2)
    connection.send(desired(50, [1, 2], null))
    await saw(connection, "generation 50", ({ generation }) => generation === 50)
    expect(await ask()).toBe("503")
  })

  it("says goodbye when it is asked to end, and takes its proxy with it", async () => {
    expect(await agent!.end("SIGTERM")).toBe(0)
    expect(channel.connections[0]!.said.at(-1)).toEqual({ _tag: "stopping", why: "stopped" })
    await expect(ask()).rejects.toThrow()
    agent = null
  })
})
