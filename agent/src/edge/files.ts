/** All files are named relative to the proxy's own folder, so that no path of this machine needs quoting. */
export const files = {
  config: "haproxy.cfg",
  candidate: "haproxy.cfg.new",
  /** Host name → set of instances, or why there is none. */
  routes: "routes.map",
  /** Set of instances and number → where that instance is. */
  instances: "instances.map",
  /** What proxies of workers know of each other; there are secrets in it. */
  peers: "peers.map",
  socket: "admin.sock",
  /** Where a request comes back to when its instance did not answer. */
  again: "again.sock",
  pid: "haproxy.pid",
  pages: "pages",
} as const
