import type { Observed, Up } from "@skypanel/contract/AgentProtocol"
import { rotationText } from "@skypanel/contract/WorkerIdentity"
import { Effect } from "effect"
import { isSignedBy } from "../domain/workers/ed25519.ts"
import { audit } from "../store/Audit.ts"
import { appendBuildLog, recordBuild } from "../store/Builds.ts"
import { recordCheck } from "../store/Checks.ts"
import { pinHostKeys } from "../store/HostKeys.ts"
import { recordContainers } from "../store/Instances.ts"
import { recordLearned } from "../store/LearnedHashes.ts"
import { recordPoll } from "../store/Polls.ts"
import { recordTried } from "../store/PreparedCredentials.ts"
import { addWorkerKey } from "../store/WorkerKeys.ts"
import { recordGoodbye, recordHello } from "../store/Workers.ts"
import { refusal, sendDown } from "./admission.ts"
import { FleetWatch } from "./FleetWatch.ts"
import type { Live } from "./Live.ts"
import { Measurements } from "./Measurements.ts"
import { RuntimeLogs } from "./RuntimeLogs.ts"

/**
 * Does a report say something new of containers? The first one of a connection does, as what was known before may be
 * old. So does the first one after the worker was told something new: that what has ended meanwhile is not there.
 */
const isNews = (before: Observed | null, now: Observed): boolean =>
  before === null ||
  before.generation !== now.generation ||
  JSON.stringify(before.containers) !== JSON.stringify(now.containers)

const recordObserved = (live: Live, observed: Observed) =>
  Effect.gen(function* () {
    const watch = yield* FleetWatch
    const measurements = yield* Measurements
    const { id } = live.worker
    const before = live.observed
    live.observed = observed
    watch.observed(id, observed)
    for (const build of observed.builds) {
      // Before its end is: an ended build has nothing more to say.
      yield* pinHostKeys(id, build)
      yield* recordLearned(id, build)
      yield* recordBuild(id, build)
      yield* recordPoll(id, build)
      yield* recordCheck(id, build)
      yield* recordTried(id, build)
    }
    if (isNews(before, observed)) yield* recordContainers(id, observed.containers)
    yield* measurements.record({
      workerId: id,
      health: observed.health,
      problems: observed.problems,
      unreachablePeers: observed.unreachablePeers,
      volumes: observed.volumes,
      volumeOwners: observed.volumeOwners ?? {},
      commonImages: observed.commonImages ?? [],
      images: observed.images ?? null,
      edgeError: observed.edgeError,
      generation: observed.generation,
      instances: observed.containers.filter(({ state }) => state === "running").length,
    })
  })

/** A key that shall take over: the worker has shown that it has both. */
const rotate = (live: Live, { publicKey, proof }: Extract<Up, { _tag: "rotate" }>) =>
  Effect.gen(function* () {
    const { id, name } = live.worker
    if (!isSignedBy(publicKey, rotationText({ session: live.session, workerId: id, publicKey }), proof))
      return yield* refusal("malformed")
    const keyId = yield* addWorkerKey(id, publicKey).pipe(
      Effect.catchReason("SqlError", "UniqueViolation", () => Effect.fail(refusal("malformed"))),
    )
    yield* audit({ actor: name, action: "worker.key-rotated", text: `${name} has a new key.`, worker: id })
    sendDown(live.connection, { _tag: "rotated", keyId, publicKey })
  })

/** What one message of an agent does. It speaks for its own worker only. */
export const receive = (live: Live, message: Up) =>
  Effect.gen(function* () {
    const watch = yield* FleetWatch
    const runtimeLogs = yield* RuntimeLogs
    const { id } = live.worker
    switch (message._tag) {
      case "hello":
        yield* recordHello(id, message)
        live.hello = message
        return watch.introduced(id, message)
      case "observed":
        return yield* recordObserved(live, message)
      case "rotate":
        return yield* rotate(live, message)
      case "buildLog": {
        const seq = yield* appendBuildLog(id, message.buildId, message.lines)
        sendDown(live.connection, { _tag: "buildLogStored", buildId: message.buildId, seq })
        // An end that was reported before its last lines waited for them.
        const build = live.observed?.builds.find((build) => build.id === message.buildId)
        if (build !== undefined && seq >= build.logSeq) yield* recordBuild(id, build)
        return
      }
      case "logs":
        return yield* runtimeLogs.receive(message.id, id, message.lines, message.end)
      case "stopping":
        watch.leaves(id, message.why)
        return yield* recordGoodbye(id, message.why)
    }
  })
