import { readFile, rename, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { Effect } from "effect"
import { changeMap, ProxyError, replaceMap } from "./AdminSocket.ts"
import { files } from "./files.ts"
import { instancesFor, type Unused } from "./keptInstances.ts"
import { changeBetween, type Entries, entriesOf, sizeOf, textOf } from "./mapChange.ts"
import type { Routing } from "./routing.ts"

const onDisk = <A>(doing: () => Promise<A>) =>
  Effect.tryPromise({ try: doing, catch: (error) => new ProxyError({ reason: String(error) }) })

/** Atomic: a proxy that starts reads the old map or the new one. */
const write = (folder: string, map: string, entries: Entries) =>
  onDisk(async () => {
    await writeFile(join(folder, `${map}.new`), textOf(entries), { mode: 0o600 })
    await rename(join(folder, `${map}.new`), join(folder, map))
  })

/**
 * The maps of the proxy in this folder: those that it has in memory, and the same on disk, for when it starts. Every
 * change leaves each host with instances that belong together: sets come before the hosts that lead to them, and go
 * some seconds after.
 */
export const makeProxyMaps = (folder: string) => {
  const socket = join(folder, files.socket)
  let routes: Entries = new Map()
  let instances: Entries = new Map()
  let peers: Entries = new Map()
  let unused: Unused = new Map()

  /** In the proxy first: what is on disk is older for a moment, but it is never newer. */
  const carryOut = Effect.fnUntraced(function* (map: string, before: Entries, after: Entries) {
    const change = changeBetween(before, after)
    if (sizeOf(change) === 0) return
    yield* changeMap(socket, map, change, after)
    yield* write(folder, map, after)
  })

  return {
    /** For a proxy that starts now: it has what is on disk. */
    load: onDisk(async () => {
      const [ofRoutes, ofInstances, ofPeers] = await Promise.all(
        [files.routes, files.instances, files.peers].map((map) => readFile(join(folder, map), "utf8")),
      )
      routes = entriesOf(ofRoutes ?? "")
      instances = entriesOf(ofInstances ?? "")
      peers = entriesOf(ofPeers ?? "")
      unused = new Map()
    }),
    follow: Effect.fnUntraced(function* (routing: Routing) {
      const next = instancesFor(instances, routing.sets, unused, performance.now())
      yield* carryOut(files.instances, instances, next.entries)
      instances = next.entries
      unused = next.unused
      yield* carryOut(files.routes, routes, routing.hosts)
      routes = routing.hosts
    }),
    /** What the proxies know of each other changes as a whole. */
    tellPeers: Effect.fnUntraced(function* (entries: Entries) {
      if (textOf(entries) === textOf(peers)) return
      yield* replaceMap(socket, files.peers, entries)
      yield* write(folder, files.peers, entries)
      peers = entries
    }),
  }
}

export type ProxyMaps = ReturnType<typeof makeProxyMaps>
