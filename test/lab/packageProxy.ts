import { createServer, request as httpRequest } from "node:http"
import { request as httpsRequest } from "node:https"
import type { AddressInfo } from "node:net"
import { Effect } from "effect"
import type { Mirrors } from "./debian.ts"

/** An HTTP proxy that leads to Debian's packages and nowhere else. */
export interface PackageProxy {
  readonly url: string
  /** While it is closed it answers nothing. */
  readonly setOpen: (open: boolean) => void
}

/** How a mirror is really asked: the servers name it with http in every case. */
const realUrl = (asked: string, { archive, security }: Mirrors): URL | null => {
  const known = [archive, security].find((each) => asked.startsWith(`${each.replace(/^https:/, "http:")}/`))
  return known === undefined
    ? null
    : new URL(known.startsWith("https:") ? asked.replace("http:", "https:") : asked)
}

const listen = (mirrors: Mirrors, address: string) =>
  new Promise<PackageProxy & { readonly stop: () => Promise<void> }>((resolve, reject) => {
    let isOpen = true
    const server = createServer((request, response) => {
      const url = realUrl(request.url ?? "", mirrors)
      if (!isOpen || url === null) return response.destroy()
      const ask = url.protocol === "https:" ? httpsRequest : httpRequest
      const asked = ask(url, { method: request.method, headers: { ...request.headers, host: url.host } })
      asked.on("response", (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers)
        answer.pipe(response)
      })
      asked.on("error", () => response.destroy())
      asked.end()
    })
    server.once("error", reject)
    server.listen(0, address, () =>
      resolve({
        url: `http://${address}:${(server.address() as AddressInfo).port}`,
        setOpen: (open) => {
          isOpen = open
        },
        stop: () =>
          new Promise((stopped) => {
            server.close(() => stopped())
            server.closeAllConnections()
          }),
      }),
    )
  })

/** Listens at this address of ours for as long as the scope is open. */
export const packageProxy = (mirrors: Mirrors, address: string) =>
  Effect.acquireRelease(
    Effect.promise(() => listen(mirrors, address)),
    ({ stop }) => Effect.promise(stop),
  )
