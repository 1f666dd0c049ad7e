import { type ChildProcess, spawn } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { NodeServices } from "@effect/platform-node"
import type { Down } from "@skypanel/contract/AgentProtocol"
import { Effect } from "effect"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { useLab } from "../../../test/lab/fixtures.ts"
import type { LabWorker } from "../../../test/lab/lab.ts"
import { until } from "../../test/containers.ts"
import { runArguments } from "../../test/program.ts"
import type { Member } from "./Membership.ts"

// A real engine that becomes a member of one real swarm, and of another one, by the word of a process in its network.

const lab = useLab()
const inLab = <A, E>(effect: Effect.Effect<A, E, NodeServices.NodeServices>) =>
  Effect.runPromise(Effect.provide(effect, NodeServices.layer))

let folder = ""
let one: LabWorker
let two: LabWorker
let worker: LabWorker
let child: ChildProcess
let answers: AsyncIterator<string>

const found = ({ docker, address }: LabWorker) =>
  docker.swarmInit({
    ListenAddr: `${address}:2377`,
    AdvertiseAddr: address,
    DataPathAddr: address,
    DefaultAddrPool: ["10.64.0.0/10"],
    SubnetSize: 24,
  })
const orderOf = async ({ docker, address }: LabWorker) => {
  const { ID, JoinTokens } = await docker.swarmInspect()
  return {
    _tag: "join" as const,
    clusterId: ID as string,
    managers: [`${address}:2377`],
    token: JoinTokens.Worker as string,
  }
}
/** Gives it an order, and tells what it is a member of then; without one, what it is now. */
const tell = async (order: Down | null = null): Promise<Member> => {
  child.stdin?.write(`${JSON.stringify(order)}\n`)
  return JSON.parse((await answers.next()).value)
}
const member = () => tell()

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "skypanel-membership-"))
  one = await inLab(lab().addMachine)
  two = await inLab(lab().addMachine)
  worker = await inLab(lab().addMachine)
  await Promise.all([found(one), found(two)])
  const program = join(import.meta.dirname, "../../test/membershipProgram.ts")
  const [command, args] = worker.inside(process.execPath, ...runArguments(program), folder, worker.socket)
  child = spawn(command, args, { stdio: ["pipe", "pipe", "inherit"] })
  answers = createInterface({ input: child.stdout! })[Symbol.asyncIterator]()
}, 120_000)
afterAll(async () => {
  const ended = new Promise((resolve) => child.once("exit", resolve))
  child.stdin?.end()
  await ended
  rmSync(folder, { recursive: true, force: true })
})

describe("an engine in no swarm", () => {
  it("says so", async () => {
    expect(await member()).toMatchObject({
      clusterId: null,
      problem: "the Docker Engine is in no cluster yet",
    })
  })

  it("says why it is not let in, and is a member once it is: drained, with networks that work", async () => {
    const order = await orderOf(one)
    await tell({ ...order, token: (await orderOf(two)).token })
    expect((await member()).problem).toMatch(/^it cannot become a member of the cluster: /)
    await tell(order)
    expect(await member()).toMatchObject({ clusterId: order.clusterId, problem: null })
    const { nodeId } = await member()
    const node = await one.docker.getNode(nodeId!).inspect()
    expect(node.Spec.Availability).toBe("drain")
    expect(readFileSync(join(folder, "cluster.json"), "utf8")).not.toContain(order.token)
  }, 60_000)

  it("stays what it is when it is told again", async () => {
    const before = await member()
    await tell(await orderOf(one))
    expect(await member()).toEqual(before)
  })
})

describe("a member of one swarm that is told to join another", () => {
  it("leaves the first, and has networks in the second", async () => {
    const order = await orderOf(two)
    await tell(order)
    expect(await member()).toMatchObject({ clusterId: order.clusterId, problem: null })
    await until("the second to see it", async () => {
      const nodes = (await two.docker.listNodes()) as ReadonlyArray<{ Status: { State: string } }>
      return nodes.length === 2 && nodes.every(({ Status }) => Status.State === "ready") ? true : undefined
    })
  }, 60_000)

  it("is in none after it was told to leave", async () => {
    await tell({ _tag: "leave" })
    expect(await member()).toMatchObject({ nodeId: null, problem: "the Docker Engine is in no cluster yet" })
  }, 60_000)
})

describe("an engine that does not answer", () => {
  it("is a problem, and none any more when it is back", async () => {
    await inLab(worker.stop)
    await until("the problem", async () =>
      (await member()).problem?.startsWith("the Docker Engine does not answer") ? true : undefined,
    )
    await inLab(worker.start)
    await until("its end", async () => ((await member()).version === null ? undefined : true))
  }, 60_000)

  it("cannot join, which is forgotten when it is back and a member", async () => {
    const order = await orderOf(one)
    await tell(order)
    await inLab(worker.stop)
    await tell(order)
    await inLab(worker.start)
    await until("it to be well", async () => ((await member()).problem === null ? true : undefined))
    expect(await member()).toMatchObject({ clusterId: order.clusterId })
  }, 60_000)
})
