import { isIP } from "node:net"
import { backends, ownConnectionsMost } from "./backends.ts"
import { files } from "./files.ts"
import { frontends } from "./frontends.ts"
import { failure, pagesBackend } from "./pageRules.ts"
import type { ProxySettings } from "./proxySettings.ts"

const global = ({ user, connections }: ProxySettings) => [
  "global",
  "  log stderr format raw local0 notice",
  `  stats socket unix@${files.socket} mode 600 level admin expose-fd listeners`,
  // Its connections to itself have room of their own: a request that comes back never waits for a visitor to leave.
  `  maxconn ${connections + ownConnectionsMost}`,
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
  "  http-reuse safe",
  failure(502, "failed"),
  failure(503, "failed"),
  failure(504, "late"),
]

/**
 * The proxy's configuration. Host names are not in it: they are in its map, which changes while it runs. A request
 * goes to the address that the map gives for its host, so traffic moves between two requests and nothing is reloaded.
 */
export const proxyConfig = (settings: ProxySettings): string => {
  if (isIP(settings.bind) === 0) throw new Error(`${settings.bind} is not an address`)
  const sections = [global(settings), defaults, ...frontends(settings), pagesBackend, ...backends]
  return `${sections.map((lines) => lines.join("\n")).join("\n\n")}\n`
}
