import { isIPv4 } from "node:net"
import { Readable } from "node:stream"
import Docker from "dockerode"
import { Cause, Context, Effect, Layer, Queue, Stream } from "effect"
import { cleanLine } from "../builder/LogText.ts"
import { AgentConfig } from "../config.ts"
import { FrameReader } from "../logs/DockerFrames.ts"
import { type Container, containerOf, type Inspected, labels, stateOf } from "../observer/Container.ts"
import { call, EngineError } from "./call.ts"

/** The bridge on which Swarm gives every container a leg that its own machine can reach. */
const gateway = "docker_gwbridge"
interface NetworkInspected {
  readonly Containers?: Readonly<Record<string, { readonly IPv4Address?: string }>>
}

const addressIn = (network: NetworkInspected, id: string): string | null => {
  const address = network.Containers?.[id]?.IPv4Address?.split("/")[0] ?? ""
  return isIPv4(address) ? address : null
}

const eventOptions = { filters: { type: ["container" as const], label: [labels.deployment] } }
const eventName = /^(?:start|die|oom|destroy|pause|unpause|create)$/

interface ContainerEvent {
  readonly id: string
  readonly action: string
}

/** The events' stream is one JSON object per line. */
const parseEvent = (line: string): ContainerEvent | null => {
  try {
    const event = JSON.parse(line) as { readonly Action?: string; readonly Actor?: { readonly ID?: string } }
    const [id, action] = [event.Actor?.ID, event.Action]
    return id !== undefined && action !== undefined && eventName.test(action) ? { id, action } : null
  } catch {
    return null
  }
}

export interface Listed {
  readonly id: string
  readonly state: Container["state"]
}

export interface LogOptions {
  /** The last lines only; null: all of them. */
  readonly tail: number | null
  readonly follow: boolean
  /** An instant as the engine prints it; null: from the beginning. */
  readonly since: string | null
}

/** The containers of this machine's Docker Engine. All that it changes is that it stops one. */
export class ContainerEngine extends Context.Service<
  ContainerEngine,
  {
    /** Ends it: SIGTERM, then SIGKILL. One that is gone already has ended. */
    readonly stop: (id: string, graceSeconds: number) => Effect.Effect<void, EngineError>
    /** Every container that bears our labels, running or not. */
    readonly listed: Effect.Effect<ReadonlyArray<Listed>, EngineError>
    /** Null when there is none, or it is not ours. */
    readonly container: (id: string) => Effect.Effect<Container | null, EngineError>
    /** Ids of containers to look at again. */
    readonly events: Stream.Stream<string, EngineError>
    /** The last lines it printed, without control sequences. */
    readonly lastLines: (id: string, count: number) => Effect.Effect<ReadonlyArray<string>, EngineError>
    /** What it prints, as the engine stores it: frames with time stamps. */
    readonly output: (id: string, options: LogOptions) => Stream.Stream<Uint8Array, EngineError>
  }
>()("agent/observer/ContainerEngine") {
  static readonly layer = Layer.effect(
    ContainerEngine,
    Effect.gen(function* () {
      const { dockerSocket } = yield* AgentConfig
      return makeEngine(new Docker({ socketPath: dockerSocket }))
    }),
  )
}

/** An endless answer as a stream; leaving the stream closes the connection. */
const streamed = (operation: string, open: () => Promise<NodeJS.ReadableStream>) =>
  Stream.callback<Uint8Array, EngineError>((queue) =>
    Effect.acquireRelease(
      Effect.tryPromise({
        try: open,
        catch: (error) => new EngineError({ operation, reason: (error as Error).message }),
      }),
      (readable) => Effect.sync(() => (readable as Readable).destroy()),
    ).pipe(
      Effect.tap((readable) =>
        Effect.sync(() => {
          readable.on("data", (chunk: Uint8Array) => {
            // Reading stops while nobody takes: a flood must not fill memory.
            readable.pause()
            Effect.runFork(
              Queue.offer(queue, chunk).pipe(Effect.ensuring(Effect.sync(() => readable.resume()))),
            )
          })
          readable.on("end", () => Queue.endUnsafe(queue as Queue.Queue<Uint8Array, Cause.Done>))
          readable.on("close", () => Queue.endUnsafe(queue as Queue.Queue<Uint8Array, Cause.Done>))
          readable.on("error", (error: Error) =>
            Queue.failCauseUnsafe(queue, Cause.fail(new EngineError({ operation, reason: error.message }))),
          )
        }),
      ),
      Effect.catch((error) => Queue.failCause(queue, Cause.fail(error))),
    ),
  )

/** `since` of the API: seconds since 1970, with nine decimals. */
const secondsOf = (instant: string): string => {
  const fraction = /\.(\d+)Z$/.exec(instant)?.[1] ?? "0"
  return `${Math.floor(Date.parse(instant) / 1000)}.${fraction.padEnd(9, "0")}`
}

const makeEngine = (docker: Docker): ContainerEngine["Service"] => {
  const gatewayNetwork = call(
    "inspect network",
    () => docker.getNetwork(gateway).inspect() as Promise<NetworkInspected>,
  ).pipe(Effect.catch(() => Effect.succeed<NetworkInspected>({})))

  // The engine forgets why a container ended when the kernel's notice comes after its end; the event comes all the same.
  const outOfMemory = new Set<string>()
  const note = ({ id, action }: ContainerEvent): string => {
    if (action === "oom") outOfMemory.add(id)
    else if (action === "start" || action === "destroy") outOfMemory.delete(id)
    return id
  }

  const inspect = (id: string) =>
    call("inspect container", () => docker.getContainer(id).inspect() as unknown as Promise<Inspected>).pipe(
      // Gone between the list and the look: nothing to report.
      Effect.catch((error) =>
        /no such container/i.test(error.reason) ? Effect.succeed(null) : Effect.fail(error),
      ),
    )

  const container = (id: string) =>
    Effect.gen(function* () {
      const [inspected, network] = yield* Effect.all([inspect(id), gatewayNetwork], { concurrency: 2 })
      const found = inspected === null ? null : containerOf(inspected, addressIn(network, inspected.Id))
      return found?.state === "exited" && outOfMemory.has(found.id) ? { ...found, outOfMemory: true } : found
    })

  const listed = call("list containers", async () => {
    const found = await docker.listContainers({ all: true, filters: { label: [labels.deployment] } })
    return found.map(({ Id, State }): Listed => ({ id: Id, state: stateOf(State) }))
  })

  return {
    container,
    listed,
    stop: (id, graceSeconds) =>
      call("stop container", () => docker.getContainer(id).stop({ t: graceSeconds }), graceSeconds + 10).pipe(
        Effect.catchIf(
          ({ reason }) => /no such container|not modified|already stopped/i.test(reason),
          () => Effect.void,
        ),
        Effect.asVoid,
      ),
    events: streamed("events", () => docker.getEvents(eventOptions)).pipe(
      Stream.decodeText(),
      Stream.splitLines,
      Stream.map(parseEvent),
      Stream.filter((event) => event !== null),
      Stream.map(note),
    ),
    lastLines: (id, count) =>
      call("logs", () =>
        docker.getContainer(id).logs({ stdout: true, stderr: true, tail: count, follow: false }),
      ).pipe(
        Effect.map((buffer) =>
          new FrameReader()
            .push(buffer)
            .map((frame) => cleanLine(frame.text.replace(/\n$/, "")))
            .slice(-count),
        ),
      ),
    output: (id, { tail, follow, since }) => {
      const log = docker.getContainer(id)
      const options = {
        ...{ stdout: true, stderr: true, timestamps: true },
        ...(tail === null ? {} : { tail }),
        ...(since === null ? {} : { since: secondsOf(since) }),
      }
      return streamed("logs", async () =>
        follow ? log.logs({ ...options, follow: true }) : Readable.from([await log.logs(options)]),
      )
    },
  }
}
