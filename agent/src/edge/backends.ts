import { files } from "./files.ts"
import { fromPeer } from "./instanceRules.ts"
import { failureInstead, markHeader } from "./pageRules.ts"
import { hopsHeader, peerHeader, statusHeader } from "./peerHeaders.ts"

/** What a peer answers that has no instance. No other status is one of which it is known that nothing was done. */
const elsewhere = 425
/** Stands for that status when an application means it. */
const instead = 555

const comeBack = `unix@${files.again} send-proxy-v2 proxy-v2-options unique-id pool-max-conn 0`

/**
 * The first attempt goes to the address that the request was given. A second one is sent back to this proxy, which
 * gives it the next: an address cannot be changed within one attempt. It is named twice, because HAProxy waits a second
 * before it tries again where it knows of one server only.
 */
const backend = (
  name: string,
  server: string,
  options: string,
  retryOn: string,
  rules: ReadonlyArray<string>,
) => [
  `backend ${name}`,
  "  balance roundrobin",
  "  retries 1",
  "  option redispatch 1",
  `  retry-on conn-failure ${retryOn}`,
  // A stream of events may be silent for long.
  "  http-request set-timeout server 1h if { req.hdr(accept) -m sub text/event-stream }",
  ...rules,
  `  use-server ${server} if TRUE`,
  `  server ${server} 0.0.0.0:0 weight 0${options}`,
  `  server again ${comeBack}`,
  `  server again-too ${comeBack}`,
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

/** A worker that lost its power is noticed within seconds, also while it is waited for. */
const keepAlive = ["  option srvtcpka", "  srvtcpka-idle 1s", "  srvtcpka-intvl 1s", "  srvtcpka-cnt 3"]

/** A connection that was used before could be dead without anybody's having noticed. */
const ownConnection = "  option http-server-close"

/** What is sent again only when it is known that it did not arrive needs to be whole for that: up to this many bytes. */
const bodyBytesMost = 12_000
const wholeBody = `  http-request wait-for-body time 10s if { req.hdr_val(content-length) gt 0 } { req.hdr_val(content-length) le ${bodyBytesMost} }`

/**
 * `containers` and `peers` take what may be sent twice, the others what may not. Towards peers, an idle connection to
 * a worker that lost its power would swallow a request: what is not acknowledged within a second is tried elsewhere.
 * That is right only where little is sent, because a receiver that is slow to read looks the same.
 */
export const backends = [
  backend("containers", "container", "", "empty-response", fromContainer),
  backend("containers-once", "container", "", "", [ownConnection, ...fromContainer]),
  backend("peers", "peer", " tcp-ut 1s", `empty-response ${elsewhere}`, [...keepAlive, ...toPeer]),
  backend("peers-once", "peer", "", `${elsewhere}`, [...keepAlive, ownConnection, wholeBody, ...toPeer]),
]
