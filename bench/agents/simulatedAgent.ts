import { randomBytes, sign } from "node:crypto"
import { type Down, type Hello, protocolVersion, pulse } from "@skypanel/contract/AgentProtocol"
import { identificationText } from "@skypanel/contract/WorkerIdentity"
import { WebSocket } from "ws"
import { pauseMs } from "../../agent/src/session/reconnect.ts"
import { containersOf, helloOf, keyIdOf, privateKeyOf, workerIdOf } from "./simulatedFleet.ts"

/** What all agents of a process saw. */
export interface Seen {
  welcomed: number
  /** Connections that ended although nobody wanted that, by the platform's word. */
  readonly ended: Map<string, number>
  heartbeats: number
  desired: number
  desiredBytes: number
  /** Milliseconds from a pulse to its answer. */
  pulses: Array<number>
}

type Challenge = Extract<Down, { _tag: "challenge" }>
type Welcome = Extract<Down, { _tag: "welcome" }>

/**
 * An agent without a machine: a true session over a WebSocket of its own, signed by a key of its own, with pulses and
 * heartbeats at the intervals that the platform chooses. Its containers run well and never change.
 */
export class SimulatedAgent {
  private readonly number: number
  private readonly url: string
  private readonly hello: Hello
  private readonly seen: Seen
  private socket: WebSocket | null = null
  private timers: Array<ReturnType<typeof setInterval>> = []
  private sentAt: Array<number> = []
  private session = ""
  private seq = 0
  private generation = 0
  private failures = 0

  constructor(number: number, url: string, roles: Hello["roles"], endpointAddress: string, seen: Seen) {
    this.number = number
    this.url = url
    this.hello = helloOf(number, roles, endpointAddress)
    this.seen = seen
  }

  /** Resolves when it was let in. It comes back by itself, as an agent does. */
  connect(): Promise<void> {
    return new Promise((resolve) => {
      const socket = new WebSocket(this.url, [protocolVersion], { perMessageDeflate: false })
      this.socket = socket
      socket.on("message", (data) => this.hear(data.toString(), resolve))
      socket.on("error", () => undefined)
      socket.on("close", (code, reason) => {
        this.rest()
        this.seen.ended.set(`${code} ${reason}`, (this.seen.ended.get(`${code} ${reason}`) ?? 0) + 1)
        this.failures += 1
        setTimeout(() => void this.connect().then(resolve), pauseMs(this.failures, Math.random()))
      })
    })
  }

  private rest() {
    for (const timer of this.timers) clearInterval(timer)
    this.timers = []
    this.sentAt = []
  }

  private hear(text: string, welcomed: () => void) {
    if (text === pulse) {
      const sentAt = this.sentAt.shift()
      if (sentAt !== undefined) this.seen.pulses.push(performance.now() - sentAt)
      return
    }
    // Of a desired state only the number it was sent under matters here, and the text may be long.
    const generation = /^\{"_tag":"desired","generation":(\d+)/.exec(text.slice(0, 100))
    if (generation !== null) return this.accept(Number(generation[1]), text.length)
    const message = JSON.parse(text) as Down
    if (message._tag === "challenge") this.identify(message)
    if (message._tag === "welcome") {
      this.begin(message)
      welcomed()
    }
  }

  private identify({ nonce: platformNonce }: Challenge) {
    const [workerId, keyId] = [workerIdOf(this.number), keyIdOf(this.number)]
    const nonce = randomBytes(32).toString("base64url")
    const protocol = protocolVersion
    const signed = identificationText({ platformNonce, workerNonce: nonce, workerId, keyId, protocol })
    const signature = sign(null, Buffer.from(signed), privateKeyOf(this.number)).toString("base64url")
    this.socket?.send(JSON.stringify({ _tag: "identify", workerId, keyId, nonce, signature }))
  }

  private begin({ session, heartbeatMs, pulseMs }: Welcome) {
    this.session = session
    this.seq = 0
    this.failures = 0
    this.seen.welcomed += 1
    this.say(this.hello)
    this.observe()
    this.timers = [
      setInterval(() => this.beat(), pulseMs),
      setInterval(() => {
        this.seen.heartbeats += 1
        this.observe()
      }, heartbeatMs),
    ]
  }

  private beat() {
    this.sentAt.push(performance.now())
    this.socket?.send(pulse)
  }

  private accept(generation: number, bytes: number) {
    this.seen.desired += 1
    this.seen.desiredBytes += bytes
    this.generation = generation
    setTimeout(() => this.observe(), 100)
  }

  private observe() {
    const now = Date.now()
    this.say({
      _tag: "observed",
      generation: this.generation,
      at: new Date(now).toISOString(),
      // The load says when it was sent: the database keeps both that and when it was written.
      health: { load1: now / 1000, cpuPercent: 10, memoryUsedBytes: 2 ** 32, diskUsedBytes: 2 ** 34 },
      builds: [],
      containers: containersOf(this.number),
      edgeError: null,
      problems: [],
      unreachablePeers: [],
      volumes: [],
    })
  }

  private say(message: object) {
    if (this.socket?.readyState !== WebSocket.OPEN) return
    this.seq += 1
    this.socket.send(JSON.stringify({ session: this.session, seq: this.seq, message }))
  }
}
