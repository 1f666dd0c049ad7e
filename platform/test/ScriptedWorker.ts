import { generateKeyPairSync, type KeyPairKeyObjectResult, randomBytes, sign } from "node:crypto"
import { createServer, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import {
  type ContainerObserved,
  type Desired,
  Down,
  Envelope,
  type Hello,
  Identify,
  protocolVersion,
  type Up,
} from "@skypanel/contract/AgentProtocol"
import type { BuildObserved } from "@skypanel/contract/BuildAssignment"
import type { WorkerId, WorkerKeyId } from "@skypanel/contract/Id"
import type { Labels, WorkerRole } from "@skypanel/contract/Worker"
import { identificationText, rotationText } from "@skypanel/contract/WorkerIdentity"
import type { ImagesObserved } from "@skypanel/contract/WorkerImages"
import { type Cause, Effect, Queue, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { newWorkerId } from "../src/domain/id.ts"
import type { AgentConnection } from "../src/fleet/AgentConnection.ts"
import { AgentSessions } from "../src/fleet/AgentSessions.ts"
import { Orchestrator, type Workload } from "../src/orchestrator/Orchestrator.ts"
import { addWorkerKey } from "../src/store/WorkerKeys.ts"

const decodeDown = Schema.decodeUnknownSync(Schema.fromJsonString(Down))
const encode = Schema.encodeUnknownSync(Schema.fromJsonString(Envelope))
const encodeIdentify = Schema.encodeUnknownSync(Schema.fromJsonString(Identify))

type Run = <A, E, R>(effect: Effect.Effect<A, E, R>) => Promise<A>

/** What a scripted worker answers to a desired state. */
export interface Script {
  readonly builds: (desired: Desired) => ReadonlyArray<BuildObserved>
  /** Of one of its containers, given as if it were healthy. */
  readonly container: (container: ContainerObserved) => ContainerObserved
}

export interface ScriptedOptions {
  readonly roles?: ReadonlyArray<WorkerRole>
  readonly memoryBytes?: number
  readonly labels?: Labels
  readonly development?: boolean
  readonly version?: string
  readonly buildSlots?: number
  readonly checkSlots?: number
  /** Of its machine; without them it is an agent of before, which does not say. */
  readonly addresses?: ReadonlyArray<string>
  /** What is wrong with it from its first report on. */
  readonly problems?: ScriptedWorker["problems"]
}

type KeyPair = KeyPairKeyObjectResult

const health = { load1: 0, cpuPercent: 1, memoryUsedBytes: 2 ** 20, diskUsedBytes: 2 ** 20 }

/**
 * A worker without a machine, for tests of the platform's side: it speaks the protocol over a connection in memory. It
 * "runs" what the in-memory orchestrator has for its node, as long as it is not cut off, and has a proxy of its own
 * that answers.
 */
export class ScriptedWorker {
  readonly name: string
  nodeId: string | null
  /** Null: its engine does not answer. */
  engineVersion: string | null = "20.10.24"
  id!: WorkerId
  keyId!: WorkerKeyId
  desired: Desired | null = null
  script: Script = { builds: () => [], container: (container) => container }
  problems: Array<{ part: "engine" | "firewall" | "disk" | "proxy" | "volume"; text: string }> = []
  health = health
  /** Null: it does not say. */
  images: ImagesObserved | null = null
  clockAheadMs = 0
  /** Its proxy answers visitors itself: it leads them nowhere. */
  answersItself = false
  version: string
  refused: Extract<Down, { _tag: "refused" }> | null = null
  readonly heard: Array<Down["_tag"]> = []
  /** Down: neither its agent nor its proxy answers. */
  private proxy: Server | null = null
  private proxyPort = 0
  private readonly run: Run
  private readonly options: ScriptedOptions
  readonly firstKeys: KeyPair = generateKeyPairSync("ed25519")
  private keys = this.firstKeys
  private rotated: ((keyId: WorkerKeyId) => void) | null = null
  private running = new Map<string, Workload>()
  private pulsing: ReturnType<typeof setInterval> | null = null
  private connection: AgentConnection | null = null
  private session = ""
  private seq = 0

  constructor(run: Run, number: number, options: ScriptedOptions = {}) {
    this.run = run
    this.name = `scripted-${number}`
    this.nodeId = `node-${number}`
    this.options = options
    this.version = options.version ?? "0"
    this.problems = options.problems ?? []
  }

  /** Writes its rows, as a registration would, and connects it. */
  async start(): Promise<this> {
    const { x = "" } = this.keys.publicKey.export({ format: "jwk" })
    const roles = this.options.roles ?? ["services", "builder", "ingress"]
    this.id = newWorkerId()
    this.keyId = await this.run(
      Effect.gen({ self: this }, function* () {
        const sql = yield* SqlClient.SqlClient
        yield* sql`insert into worker (id, name, roles, granted_roles, development)
          values (${this.id}, ${this.name}, string_to_array(${roles.join(",")}, ','),
            string_to_array(${roles.join(",")}, ','), ${this.options.development ?? false})`
        return yield* addWorkerKey(this.id, x)
      }),
    )
    await this.powerOn()
    return this
  }

  async powerOn(): Promise<void> {
    const proxy = createServer((_, response) => {
      if (this.answersItself) response.setHeader("x-skypanel-edge", "waiting")
      response.end("ok")
    })
    await new Promise<void>((resolve) => proxy.listen(this.proxyPort, "127.0.0.1", resolve))
    this.proxyPort = (proxy.address() as AddressInfo).port
    this.proxy = proxy
    await this.connect()
  }

  /** Everything of it is gone at once; nothing says goodbye. */
  async powerOff(): Promise<void> {
    this.running.clear()
    await this.cutOff()
  }

  /** It runs on, and nobody hears of it. */
  async cutOff(): Promise<void> {
    this.hang()
    this.connection = null
    const { proxy } = this
    this.proxy = null
    proxy?.closeAllConnections()
    await new Promise<void>((resolve) => (proxy === null ? resolve() : proxy.close(() => resolve())))
  }

  /** Its agent stops where it is; its proxy goes on. */
  hang(): void {
    if (this.pulsing !== null) clearInterval(this.pulsing)
    this.pulsing = null
  }

  /** Its agent goes on after `hang`. */
  wake(): void {
    this.pulsing ??= setInterval(() => this.connection?.onFrame(), 200)
  }

  endConnection(): void {
    this.connection?.close(1000, "")
  }

  async connect(
    key: { readonly keyId?: WorkerKeyId; readonly protocol?: string; readonly keys?: KeyPair } = {},
  ): Promise<void> {
    const messages = await this.run(Queue.unbounded<string, Cause.Done>())
    this.seq = 0
    this.session = ""
    this.refused = null
    const connection: AgentConnection = {
      protocol: key.protocol ?? protocolVersion,
      from: "memory",
      send: (text) => {
        if (this.connection === connection)
          this.hear(decodeDown(text), key.keyId ?? this.keyId, key.keys ?? this.keys, messages)
      },
      close: () => Queue.endUnsafe(messages),
      messages,
      onFrame: () => undefined,
    }
    this.connection = connection
    this.wake()
    // Interrupted when the platform stops: that is its end, and no failure.
    this.run(
      Effect.flatMap(AgentSessions, (sessions) => sessions.serve(connection) as Effect.Effect<void>),
    ).catch(() => undefined)
  }

  private hear(
    message: Down,
    keyId: WorkerKeyId,
    keys: KeyPair,
    messages: Queue.Queue<string, Cause.Done>,
  ): void {
    this.heard.push(message._tag)
    switch (message._tag) {
      case "challenge":
        this.identify(message.nonce, keyId, keys, messages)
        break
      case "welcome":
        this.session = message.session
        this.say(this.hello())
        void this.observe()
        break
      case "desired":
        this.desired = message
        void this.observe()
        break
      case "rotated":
        this.rotated?.(message.keyId)
        break
      case "leave":
        this.nodeId = null
        this.say(this.hello())
        break
      case "refused":
        this.refused = message
    }
  }

  private identify(
    platformNonce: string,
    keyId: WorkerKeyId,
    keys: KeyPair,
    messages: Queue.Queue<string, Cause.Done>,
  ): void {
    const nonce = randomBytes(32).toString("base64url")
    const text = identificationText({
      platformNonce,
      workerNonce: nonce,
      workerId: this.id,
      keyId,
      protocol: this.connection?.protocol ?? "",
    })
    const signature = sign(null, Buffer.from(text), keys.privateKey).toString("base64url")
    Queue.offerUnsafe(
      messages,
      encodeIdentify({ _tag: "identify", workerId: this.id, keyId, nonce, signature }),
    )
  }

  /** Offers a new key; gives its id when the platform has taken it. */
  offerKey(): { readonly keyId: Promise<WorkerKeyId>; readonly keys: KeyPair } {
    const keys = generateKeyPairSync("ed25519")
    const { x = "" } = keys.publicKey.export({ format: "jwk" })
    const keyId = new Promise<WorkerKeyId>((resolve) => {
      this.rotated = resolve
    })
    const text = rotationText({ session: this.session, workerId: this.id, publicKey: x })
    const proof = sign(null, Buffer.from(text), keys.privateKey).toString("base64url")
    this.say({ _tag: "rotate", publicKey: x, proof })
    return { keyId, keys }
  }

  useKey(keyId: WorkerKeyId, keys: KeyPair): void {
    this.keyId = keyId
    this.keys = keys
  }

  /** Says it under the next number, or under one of the test's choice. */
  say(message: Up, seq = this.seq + 1, session = this.session): void {
    // Hung, or cut off.
    if (this.pulsing === null) return
    this.seq = Math.max(this.seq, seq)
    const { messages, onFrame } = this.connection ?? {}
    onFrame?.()
    if (messages !== undefined)
      Queue.offerUnsafe(messages as Queue.Queue<string, Cause.Done>, encode({ session, seq, message }))
  }

  hello(): Hello {
    return {
      _tag: "hello",
      roles: this.options.roles ?? ["services", "builder", "ingress"],
      versions: {
        agent: this.version,
        runtime: "test",
        docker: this.engineVersion,
        nix: null,
        haproxy: null,
      },
      origin: this.options.development === true ? "development" : "bundle",
      capacity: { cpu: 4, memoryBytes: this.options.memoryBytes ?? 2 ** 33, diskBytes: 2 ** 36 },
      limits: { cpu: null, memoryBytes: null },
      packageSet: null,
      takesOverrides: true,
      ...(this.options.buildSlots === undefined ? {} : { buildSlots: this.options.buildSlots }),
      ...(this.options.checkSlots === undefined ? {} : { checkSlots: this.options.checkSlots }),
      orchestratorNodeId: this.nodeId,
      clusterId: "memory",
      endpointAddress: `127.0.0.1:${this.proxyPort}`,
      ...(this.options.addresses === undefined ? {} : { addresses: this.options.addresses }),
      volumeFolder: "/var/lib/skypanel/volumes",
    }
  }

  /** Reports what it sees now. */
  async observe(): Promise<void> {
    if (this.session === "" || this.connection === null) return
    const placed = (await this.run(
      Effect.flatMap(Orchestrator, (orchestrator) => orchestrator.list),
    )) as ReadonlyArray<Workload>
    this.running = new Map(
      placed
        .filter(({ nodeId }) => nodeId === this.nodeId)
        .map((workload) => [workload.placementId, workload]),
    )
    this.say({
      _tag: "observed",
      generation: this.desired?.generation ?? 0,
      at: new Date(Date.now() + this.clockAheadMs).toISOString(),
      health: this.health,
      builds: this.desired === null ? [] : this.script.builds(this.desired),
      containers: Array.from(this.running.values(), (workload) =>
        this.script.container(containerOf(workload)),
      ),
      edgeError: null,
      problems: this.problems,
      unreachablePeers: [],
      volumes: this.desired?.volumes.map(({ serviceId }) => serviceId) ?? [],
      ...(this.images !== null && { images: this.images }),
    })
  }

  /** Placements whose containers it has, as far as it knows. */
  runs(): ReadonlyArray<string> {
    return Array.from(this.running.keys())
  }

  async stop(): Promise<void> {
    this.connection?.close(1000, "")
    await this.cutOff()
  }
}

const containerOf = (workload: Workload): ContainerObserved => ({
  containerId: `container-of-${workload.placementId}`,
  placementId: workload.placementId,
  serviceId: workload.serviceId,
  deploymentId: workload.deploymentId,
  organizationId: workload.organizationId,
  state: "running",
  healthy: true,
  probe: "connected in 1 ms",
  exitCode: null,
  outOfMemory: false,
  startedAt: null,
  lastLines: [],
})
