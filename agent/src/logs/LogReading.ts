import type { LogRequest } from "@skypanel/contract/AgentProtocol"
import type { LogLine } from "@skypanel/contract/Log"
import { Effect, FiberMap, Queue, Stream } from "effect"
import { batches } from "../builder/BuildLog.ts"
import { boundLine, cleanLine } from "../builder/LogText.ts"
import type { ContainerEngine } from "../engine/ContainerEngine.ts"
import type { Container } from "../observer/Container.ts"
import type { Observer } from "../observer/Observer.ts"
import { ContainerLines, type PrintedLine } from "./ContainerLines.ts"
import { LineLimit } from "./LineLimit.ts"

/** What one reader gets of all containers: one that prints without end shall not take the machine. */
const linesPerSecond = 2_000
const bytesPerSecond = 1024 * 1024
/** Old lines come at once, so many at most. */
const oldLinesMost = 10_000
const oldContainersMost = 20
const collectFor = "100 millis"
const originLength = 12

interface Origin extends PrintedLine {
  readonly containerId: string
}

interface Sources {
  readonly engine: ContainerEngine["Service"]
  readonly observer: Observer["Service"]
}

type Send = (lines: ReadonlyArray<LogLine>, end: boolean) => Effect.Effect<void>

const printed = (engine: Sources["engine"], id: string, options: Parameters<typeof engine.output>[1]) =>
  Stream.suspend(() => {
    const lines = new ContainerLines()
    const of = (found: ReadonlyArray<PrintedLine>) =>
      found.map((line): Origin => ({ ...line, containerId: id }))
    return engine.output(id, options).pipe(
      Stream.flatMap((chunk) => Stream.fromIterable(of(lines.push(chunk)))),
      Stream.concat(Stream.suspend(() => Stream.fromIterable(of(lines.end())))),
    )
  })

const byTime = (a: PrintedLine, b: PrintedLine) => a.instant.localeCompare(b.instant)

/** One reading of a service's logs on this worker, from its old lines to its end. */
export const readLogs = (request: LogRequest, { engine, observer }: Sources, send: Send) =>
  Effect.gen(function* () {
    let seq = 0
    const lineOf = ({ instant, stream, text, containerId }: Origin): LogLine => ({
      seq: ++seq,
      at: new Date(instant).toISOString(),
      stream,
      text: boundLine(cleanLine(text)),
      origin: containerId.slice(0, originLength),
    })
    const note = (text: string): LogLine => ({
      ...{ seq: ++seq, at: new Date().toISOString(), stream: "note" as const, text, origin: "" },
    })
    const ofService = () => observer.all().filter(({ serviceId }) => serviceId === request.serviceId)
    const count = Math.min(Math.max(request.lines, 0), oldLinesMost)

    const oldLines = ({ id }: Container) =>
      printed(engine, id, { tail: count, follow: false, since: null }).pipe(
        Stream.runCollect,
        Effect.timeout("5 seconds"),
        Effect.catch(() => Effect.succeed<ReadonlyArray<Origin>>([])),
      )

    const sendOld = Effect.gen(function* () {
      const found = yield* Effect.forEach(ofService().slice(0, oldContainersMost), oldLines, {
        concurrency: 4,
      })
      const newest = found
        .flat()
        .toSorted(byTime)
        .slice(count === 0 ? Number.POSITIVE_INFINITY : -count)
      for (const batch of batches(newest.map(lineOf))) yield* send(batch, false)
      // Each container's new lines begin after the last one seen of it.
      return new Map(
        found.flatMap((lines) => lines.slice(-1)).map((line) => [line.containerId, line.instant]),
      )
    })

    const seen = yield* sendOld
    if (!request.follow) return yield* send([], true)

    const limit = new LineLimit(linesPerSecond, bytesPerSecond)
    const queue = yield* Queue.bounded<LogLine>(1_000)
    const noteDropped = Effect.suspend(() => {
      const dropped = limit.takeDropped(performance.now())
      return dropped === 0
        ? Effect.void
        : Queue.offer(
            queue,
            note(`${dropped} lines dropped: more than ${linesPerSecond} lines or 1 MiB in a second`),
          )
    })
    const take = (line: Origin) =>
      noteDropped.pipe(
        Effect.andThen(() =>
          limit.admit(line.text.length, performance.now()) ? Queue.offer(queue, lineOf(line)) : Effect.void,
        ),
      )

    const followers = yield* FiberMap.make<string>()
    const follow = (id: string) => {
      const since = seen.get(id) ?? null
      return printed(engine, id, { tail: null, follow: true, since }).pipe(
        Stream.filter((line) => since === null || line.instant > since),
        Stream.runForEach(take),
        Effect.catch((error) => Effect.logDebug("a container's log ended", error)),
        // It has ended, and its prober's news may come after that: not again.
        Effect.andThen(Effect.never),
      )
    }
    const followRunning = Effect.gen(function* () {
      const there = ofService()
      for (const [id] of followers)
        if (!there.some((container) => container.id === id)) yield* FiberMap.remove(followers, id)
      for (const { id, state } of there) {
        const isRead = FiberMap.hasUnsafe(followers, id) || (state === "exited" && seen.has(id))
        if (!isRead && state !== "starting") yield* FiberMap.run(followers, id, follow(id))
      }
    })
    const deliver = Stream.fromQueue(queue).pipe(
      Stream.groupedWithin(200, collectFor),
      Stream.runForEach((lines) =>
        Effect.forEach(batches(lines), (batch) => send(batch, false), { discard: true }),
      ),
    )
    const countDropped = Effect.forever(Effect.andThen(Effect.sleep("500 millis"), noteDropped))
    yield* Effect.raceAllFirst([
      Stream.runForEach(observer.changes, () => followRunning),
      deliver,
      countDropped,
    ])
  }).pipe(Effect.scoped)
