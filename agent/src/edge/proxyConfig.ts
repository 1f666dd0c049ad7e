import { isIP } from "node:net"

export interface ProxySettings {
  readonly bind: string
  readonly port: number
  /** The user that serves requests, when the proxy is started as root. */
  readonly user: { readonly uid: number; readonly gid: number } | null
  /** Connections of one address at a time, and new ones in ten seconds. */
  readonly sourceConnections: number
  readonly sourceRate: number
  /** Addresses that these two do not apply to. */
  readonly unlimitedSources: ReadonlyArray<string>
  /** Requests to one host at a time: no service takes all of the proxy for itself. */
  readonly hostRequests: number
  /** Connections of all addresses at a time. */
  readonly connections: number
}

export const defaultLimits = {
  sourceConnections: 100,
  sourceRate: 500,
  unlimitedSources: ["127.0.0.0/8", "::1"],
  hostRequests: 2_000,
  connections: 8_000,
} as const

/** All files are named relative to the proxy's own folder, so that no path of this machine needs quoting. */
export const files = {
  config: "haproxy.cfg",
  candidate: "haproxy.cfg.new",
  map: "routes.map",
  socket: "admin.sock",
  pid: "haproxy.pid",
  pages: "pages",
} as const

/** The header by which an answer of the proxy itself is told from one of an application. */
const mark = "hdr x-skypanel-edge"

const page = (status: number, name: string, more: string, when = `{ var(txn.target) -m str ${name} }`) => {
  const answer = (type: string, suffix: string) =>
    `http-request return status ${status} content-type "${type}; charset=utf-8" file ${files.pages}/${name}.${suffix} ${mark} ${name} hdr cache-control no-store${more}`
  return [
    `  ${answer("text/html", "html")} if ${when} { req.hdr(accept) -m sub text/html }`,
    `  ${answer("text/plain", "txt")} if ${when}`,
  ]
}

const failure = (status: number, name: string) =>
  `  http-error status ${status} content-type "text/html; charset=utf-8" file ${files.pages}/${name}.html ${mark} ${name} hdr retry-after 2 hdr cache-control no-store`

const global = ({ user, connections }: ProxySettings) => [
  "global",
  "  log stderr format raw local0 notice",
  `  stats socket unix@${files.socket} mode 600 level admin expose-fd listeners`,
  `  maxconn ${connections}`,
  // Two proxies on one port would each get some of the requests. A successor inherits the socket instead.
  "  noreuseport",
  // A former process ends its last WebSockets after this.
  "  hard-stop-after 1h",
  ...(user === null ? [] : [`  uid ${user.uid}`, `  gid ${user.gid}`]),
  "  tune.http.maxhdr 101",
]

const defaults = [
  "defaults",
  "  mode http",
  "  timeout connect 1s",
  "  timeout http-request 5s",
  "  timeout http-keep-alive 60s",
  // How long a client may pause in the middle of a body, or not read what it asked for.
  "  timeout client 10s",
  "  timeout server 60s",
  "  timeout tunnel 1h",
  "  timeout queue 5s",
  "  option http-keep-alive",
  // Nobody waits for the answer to a request whose client is gone.
  "  option abortonclose",
  "  option idle-close-on-response",
  "  option redispatch",
  "  http-reuse safe",
  // A container that ends between two requests of a kept connection: asked again, if asking twice is the same.
  "  retries 3",
  "  retry-on conn-failure empty-response",
  failure(502, "failed"),
  failure(503, "failed"),
  failure(504, "late"),
]

const limits = ({ sourceConnections, sourceRate, unlimitedSources }: ProxySettings) => [
  `  acl unlimited src ${unlimitedSources.join(" ") || "255.255.255.255"}`,
  "  tcp-request connection track-sc0 src table sources if !unlimited",
  `  tcp-request connection reject if { sc0_conn_cur(sources) gt ${sourceConnections} }`,
  `  tcp-request connection reject if { sc0_conn_rate(sources) gt ${sourceRate} }`,
]

const headers = [
  // Only what this proxy saw itself; what a client claims is gone.
  ...["forwarded", "x-forwarded-for", "x-forwarded-port", "x-real-ip"].map(
    (name) => `  http-request del-header ${name}`,
  ),
  "  http-request set-header x-forwarded-for %[src]",
  "  http-request set-header x-forwarded-proto http",
  "  http-request set-header x-forwarded-host %[req.hdr(host)]",
]

const frontend = (settings: ProxySettings) => [
  "frontend endpoint",
  `  bind ${isIP(settings.bind) === 6 ? `[${settings.bind}]` : settings.bind}:${settings.port} proto h1`,
  ...limits(settings),
  "  http-request deny deny_status 400 if { req.hdr_cnt(host) gt 1 }",
  "  http-request set-var(txn.host) req.hdr(host),field(1,:),lower,regsub(\\.$,)",
  `  http-request set-var(txn.target) var(txn.host),map_str(${files.map},unknown)`,
  // Without a host there is no target at all. Whatever else is no address must not go on: without one the proxy
  // would connect to where the client connected to, which is itself.
  "  http-request set-var(txn.target) str(unknown) unless { var(txn.target) -m found }",
  ...page(404, "unknown", ""),
  ...page(503, "stopped", ""),
  ...page(503, "waiting", " hdr retry-after 2"),
  "  http-request deny deny_status 503 unless { var(txn.target),field(1,:) -m ip 0.0.0.0/0 }",
  "  http-request track-sc1 var(txn.host) table hosts",
  ...page(503, "busy", " hdr retry-after 2", `{ sc1_conn_cur(hosts) gt ${settings.hostRequests} }`),
  ...headers,
  "  http-request disable-l7-retry unless { method GET HEAD OPTIONS }",
  "  http-request set-dst var(txn.target),field(1,:)",
  "  http-request set-dst-port var(txn.target),field(2,:)",
  "  http-response del-header x-skypanel-edge",
  "  default_backend containers",
]

/**
 * The proxy's configuration. Host names are not in it: they are in its map, which changes while it runs. A request
 * goes to the address that the map gives for its host, so traffic moves between two requests and nothing is reloaded.
 */
export const proxyConfig = (settings: ProxySettings): string => {
  if (isIP(settings.bind) === 0) throw new Error(`${settings.bind} is not an address`)
  const sections = [
    global(settings),
    defaults,
    ["backend sources", "  stick-table type ipv6 size 100k expire 1m store conn_cur,conn_rate(10s)"],
    ["backend hosts", "  stick-table type string len 253 size 100k expire 1m store conn_cur"],
    frontend(settings),
    [
      "backend containers",
      // A stream of events may be silent for long.
      "  http-request set-timeout server 1h if { req.hdr(accept) -m sub text/event-stream }",
      "  server container 0.0.0.0:0",
    ],
  ]
  return `${sections.map((lines) => lines.join("\n")).join("\n\n")}\n`
}
