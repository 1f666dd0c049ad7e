import { request } from "node:http"
import type { WorkerId } from "@skypanel/contract/Id"
import { Effect } from "effect"
import type { Address } from "../edge/peerAddress.ts"
import { peerCheck, peerHeader } from "../edge/peerHeaders.ts"
import type { Answer } from "./checking.ts"

const answerMs = 1_000

/** Asks a proxy who it is. It has not answered unless it is the worker that it should be. */
export const checkPeer = (
  workerId: WorkerId,
  { address, port }: Address,
  secret: string,
): Effect.Effect<Answer> =>
  Effect.callback<Answer>((resume) => {
    const asking = request({
      host: address,
      port,
      path: peerCheck.path,
      headers: { host: peerCheck.host, [peerHeader]: secret },
      // Of a connection that was kept it would not be known whether another can be made.
      agent: false,
    })
    asking.on("response", (response) => {
      response.resume()
      const { [peerCheck.workerHeader]: worker, [peerCheck.platformHeader]: platform } = response.headers
      const isRight = response.statusCode === 200 && worker === workerId
      resume(Effect.succeed(isRight && (platform === "heard" || platform === "lost") ? platform : null))
    })
    asking.on("error", () => resume(Effect.succeed(null)))
    asking.end()
    return Effect.sync(() => asking.destroy())
  }).pipe(Effect.timeoutOrElse({ duration: answerMs, orElse: () => Effect.succeed(null) }))
