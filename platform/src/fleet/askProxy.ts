import { request } from "node:http"
import { Effect, Schema } from "effect"

/** A worker's proxy, or what is behind it, did not answer as it should. */
export class NotAnswering extends Schema.TaggedError<NotAnswering>()("NotAnswering", {
  detail: Schema.String,
}) {}

export interface ProxyAnswer {
  readonly status: number
  /** The proxy itself spoke, not an application. */
  readonly byProxy: boolean
}

/** Asks a worker's proxy (`host:port`) for a host name as a visitor would. */
export const askProxy = (address: string, host: string, path: string, deadlineMs: number) =>
  Effect.callback<ProxyAnswer, NotAnswering>((resume) => {
    const url = new URL(`http://${address}`)
    const asking = request(
      {
        host: url.hostname.replace(/^\[|\]$/g, ""),
        port: url.port,
        path,
        headers: { host, "user-agent": "SkyPanel-Probe" },
        timeout: deadlineMs,
        agent: false,
      },
      (response) => {
        response.destroy()
        resume(
          Effect.succeed({
            status: response.statusCode ?? 0,
            byProxy: response.headers["x-skypanel-edge"] !== undefined,
          }),
        )
      },
    )
    asking.on("timeout", () => asking.destroy(new Error(`no answer in ${deadlineMs / 1000} s`)))
    asking.on("error", (error) => resume(Effect.fail(new NotAnswering({ detail: error.message }))))
    asking.end()
    return Effect.sync(() => asking.destroy())
  })
