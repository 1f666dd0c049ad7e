import { isIP } from "node:net"
import { files } from "./files.ts"
import { type Attempt, findSet, fromPeer, goThere, pickFirst, pickNext } from "./instanceRules.ts"
import { markHeader, pageInstead } from "./pageRules.ts"
import { hopsHeader, peerCheck, peerHeader } from "./peerHeaders.ts"
import type { ProxySettings } from "./proxySettings.ts"

const tables = [
  [
    "backend sources",
    "  stick-table type ipv6 size 100k expire 1m store conn_cur,conn_rate(10s),http_req_rate(10s)",
  ],
  ["backend hosts", "  stick-table type string len 253 size 100k expire 1m store conn_cur"],
  // Addresses from which a peer's secret has come.
  ["backend proved", "  stick-table type ipv6 size 10k expire 10m"],
  ["backend peer-sources", "  stick-table type ipv6 size 10k expire 1m store conn_cur"],
]

/**
 * Limits of a source are in force before it has said anything. An address from which a peer's secret has come is
 * allowed far more; the visitors behind it (containers of that worker have its address) are limited by their requests.
 */
const limits = ({ sourceConnections, sourceRate, unlimitedSources, connections }: ProxySettings) => [
  `  acl unlimited src ${unlimitedSources.join(" ") || "255.255.255.255"}`,
  "  acl proved src,in_table(proved)",
  "  tcp-request connection track-sc0 src table sources if !unlimited !proved",
  "  tcp-request connection track-sc0 src table peer-sources if !unlimited proved",
  `  tcp-request connection reject if !proved { sc0_conn_cur(sources) gt ${sourceConnections} }`,
  `  tcp-request connection reject if !proved { sc0_conn_rate(sources) gt ${sourceRate} }`,
  `  tcp-request connection reject if proved { sc0_conn_cur(peer-sources) gt ${Math.ceil(connections / 2)} }`,
]

const requestLimits = ({ sourceConnections, sourceRate }: ProxySettings) => [
  `  http-request track-sc2 src table proved if ${fromPeer}`,
  `  http-request track-sc2 src table sources if !unlimited proved !${fromPeer}`,
  `  http-request reject if !unlimited proved !${fromPeer} { sc2_conn_cur(sources) gt ${sourceConnections} }`,
  `  http-request reject if !unlimited proved !${fromPeer} { sc2_http_req_rate(sources) gt ${sourceRate} }`,
]

const recognisePeer = [
  `  http-request set-var(txn.claim) req.fhdr(${peerHeader})`,
  `  http-request set-var(txn.from) str(known/),concat(,txn.claim),map_str(${files.peers}) if { var(txn.claim) -m found }`,
  `  http-request del-header ${peerHeader}`,
]

const answerPeer = `  http-request return status 200 content-type text/plain string ok hdr ${peerCheck.workerHeader} %[str(worker),map_str(${files.peers})] hdr ${peerCheck.platformHeader} %[str(platform),map_str(${files.peers},lost)] if ${fromPeer} { path ${peerCheck.path} } { req.hdr(host) -m str ${peerCheck.host} }`

/**
 * A peer knows by its secret that its request is not to be sent on. Only where proxies do not agree on the secret
 * could one go round: never more often than this.
 */
const hopsMost = 9
const countHops = [
  `  http-request set-var(txn.hops) req.hdr_val(${hopsHeader})`,
  "  http-request set-var(txn.hops) int(0) unless { var(txn.hops) -m found }",
  `  http-request del-header ${hopsHeader}`,
  ...pageInstead("str(failed)", `!{ var(txn.hops) -m int 0:${hopsMost} }`),
]

/** Only what this proxy saw itself; what a client claims is gone. A peer has done the same. */
const forwardingHeaders = [
  ...["forwarded", "x-forwarded-for", "x-forwarded-port", "x-real-ip"].map(
    (name) => `  http-request del-header ${name} unless ${fromPeer}`,
  ),
  `  http-request set-header x-forwarded-for %[src] unless ${fromPeer}`,
  `  http-request set-header x-forwarded-proto http unless ${fromPeer}`,
  `  http-request set-header x-forwarded-host %[req.hdr(host)] unless ${fromPeer}`,
]

/** A peer that asks for what is not here is told to try elsewhere, by a status that it tries again at. */
const elsewhere = [
  `  http-after-response set-var(txn.elsewhere) bool(true) if ${fromPeer} { status 404 503 } { res.hdr(${markHeader}) -m str unknown stopped waiting failed }`,
  `  http-after-response set-header ${markHeader} elsewhere if { var(txn.elsewhere) -m found }`,
  "  http-after-response set-status 425 if { var(txn.elsewhere) -m found }",
]

/** Where visitors and peers come in. */
const endpoint = (settings: ProxySettings) => [
  "frontend endpoint",
  `  bind ${isIP(settings.bind) === 6 ? `[${settings.bind}]` : settings.bind}:${settings.port} proto h1`,
  `  maxconn ${settings.connections}`,
  "  unique-id-format %[var(txn.tried)]",
  ...limits(settings),
  "  http-request deny deny_status 400 if { req.hdr_cnt(host) gt 1 }",
  ...recognisePeer,
  ...requestLimits(settings),
  answerPeer,
  ...countHops,
  ...findSet,
  "  http-request track-sc1 var(txn.host) table hosts",
  ...pageInstead("str(busy)", `{ sc1_conn_cur(hosts) gt ${settings.hostRequests} }`),
  ...forwardingHeaders,
  ...pickFirst,
  ...goThere(1),
  ...elsewhere,
]

/** Where a request comes back to, from this same proxy, when its instance did not answer. */
const comeBack = (attempt: Attempt, socket: string, { user }: ProxySettings) => [
  `frontend attempt-${attempt}`,
  `  bind unix@${socket} mode 600${user === null ? "" : ` uid ${user.uid} gid ${user.gid}`} accept-proxy`,
  "  unique-id-format %[var(txn.tried)]",
  `  http-request del-header ${peerHeader}`,
  ...countHops,
  ...pickNext,
  ...goThere(attempt),
]

export const frontends = (settings: ProxySettings) => [
  ...tables,
  endpoint(settings),
  comeBack(2, files.second, settings),
  comeBack(3, files.third, settings),
]
