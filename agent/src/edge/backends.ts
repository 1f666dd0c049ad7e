import { files } from "./files.ts"
import { type Attempt, backendName, fromPeer } from "./instanceRules.ts"
import { failureInstead, markHeader } from "./pageRules.ts"
import { hopsHeader, peerHeader, statusHeader } from "./peerHeaders.ts"

/** What a peer answers that has no instance. No other status is one of which it is known that nothing was done. */
const elsewhere = 425
/** Stands for that status when an application means it. */
const instead = 555

/**
 * Requests that may be coming back to one server's address at a time: a service whose instances are all away must not
 * take the connections of the others. What is more than that waits a little, and is then answered with a page.
 */
const comingBackMost = 125

/**
 * An address cannot be changed within one attempt. So the next one is sent back to this proxy, which gives it the next
 * address. That is named twice, because HAProxy waits a second before it tries again where it knows of one server only.
 */
const next = (socket: string) =>
  ["again", "again-too"].map(
    (name) =>
      `  server ${name} unix@${socket} send-proxy-v2 proxy-v2-options unique-id pool-max-conn 0 maxconn ${comingBackMost}`,
  )

/** Each attempt comes back at a place of its own: then none ever waits for one that waits for it. */
const afterwards: Readonly<Record<Attempt, ReadonlyArray<string>>> = {
  1: next(files.second),
  2: next(files.third),
  3: [],
}

/** That it was tried three times is one and the same to a visitor, and to a peer, however the last one failed. */
const lastFailure = `  http-after-response set-status 503 if { status 502 } { res.hdr(${markHeader}) -m str failed }`

interface Kind {
  readonly name: string
  readonly server: "container" | "peer"
  readonly serverOptions: string
  /** What is a reason to try another instance, beside that no connection could be made. */
  readonly retryOn: string
  readonly rules: ReadonlyArray<string>
}

const backend = (attempt: Attempt, { name, server, serverOptions, retryOn, rules }: Kind) => [
  `backend ${backendName(name, attempt)}`,
  "  balance roundrobin",
  `  retries ${attempt === 3 ? 0 : 1}`,
  "  option redispatch 1",
  `  retry-on conn-failure ${retryOn}`,
  // A stream of events may be silent for long.
  "  http-request set-timeout server 1h if { req.hdr(accept) -m sub text/event-stream }",
  ...rules,
  ...(attempt === 3 && retryOn.includes("empty-response") ? [lastFailure] : []),
  `  use-server ${server} if TRUE`,
  // To the address that the request was given.
  `  server ${server} 0.0.0.0:0 weight 0${serverOptions}`,
  ...afterwards[attempt],
]

/** No application speaks for a proxy. */
const fromContainer = [
  ...[markHeader, statusHeader].map(
    (header) => `  http-response del-header ${header} if { srv_name container }`,
  ),
  `  http-response set-header ${statusHeader} ${elsewhere} if ${fromPeer} { srv_name container } { status ${elsewhere} }`,
  `  http-response set-status ${instead} if ${fromPeer} { srv_name container } { status ${elsewhere} }`,
]

const toPeer = [
  `  http-request set-header ${peerHeader} %[str(send),map_str(${files.peers})]`,
  `  http-request set-header ${hopsHeader} %[var(txn.hops),add(1)]`,
  failureInstead(503, "failed", `{ srv_name peer } { res.hdr(${markHeader}) -m str elsewhere }`),
  `  http-response set-status ${elsewhere} if { srv_name peer } { res.hdr(${statusHeader}) -m str ${elsewhere} }`,
  `  http-response del-header ${statusHeader} if { srv_name peer }`,
]

/** So a worker that lost its power is noticed while it is waited for: five packets of nothing are lost in a row. */
const keepAlive = ["  option srvtcpka", "  srvtcpka-idle 5s", "  srvtcpka-intvl 2s", "  srvtcpka-cnt 5"]

/** A connection that was used before could be dead without anybody's having noticed. */
const ownConnection = "  option http-server-close"

/** What is sent again only when it is known that it did not arrive needs to be whole for that: up to this many bytes. */
const bodyBytesMost = 12_000
const wholeBody = `  http-request wait-for-body time 10s if { req.hdr_val(content-length) gt 0 } { req.hdr_val(content-length) le ${bodyBytesMost} }`

/**
 * `containers` and `peers` take what may be sent twice, the others what may not. Towards peers, an idle connection to
 * a worker that lost its power would swallow a request: what is not acknowledged within a second is tried elsewhere.
 * That is right only where little is sent and the answer ends: a receiver that is slow to read looks the same, and
 * one lost packet of nothing is enough then.
 */
const kinds: ReadonlyArray<Kind> = [
  {
    name: "containers",
    server: "container",
    serverOptions: "",
    retryOn: "empty-response",
    rules: fromContainer,
  },
  {
    name: "containers-once",
    server: "container",
    serverOptions: "",
    retryOn: "",
    rules: [ownConnection, ...fromContainer],
  },
  {
    name: "peers",
    server: "peer",
    serverOptions: " tcp-ut 1s",
    retryOn: `empty-response ${elsewhere}`,
    rules: [...keepAlive, ...toPeer],
  },
  {
    name: "peers-once",
    server: "peer",
    serverOptions: "",
    retryOn: `${elsewhere}`,
    rules: [...keepAlive, ownConnection, wholeBody, ...toPeer],
  },
]

const attempts: ReadonlyArray<Attempt> = [1, 2, 3]

export const backends = attempts.flatMap((attempt) => kinds.map((kind) => backend(attempt, kind)))

/** Connections of the proxy to itself, all in all. */
export const ownConnectionsMost =
  comingBackMost *
  kinds.length *
  attempts.reduce<number>((sum, attempt) => sum + afterwards[attempt].length, 0)
