import { posix } from "node:path"
import type { Importer, Lock } from "./Locked.ts"

/** Where packages are unpacked, and the links that make each find its own dependencies and no others' versions. */
export interface Layout {
  /** Folder, tarball (its place in the list of them), and whether it is optional; dependencies first. */
  readonly places: ReadonlyArray<readonly [string, number, boolean]>
  /** A link's path, and what it points to from there. */
  readonly links: ReadonlyArray<readonly [string, string]>
}

const store = "node_modules/.store"

/** One folder name for each package: `@scope/name@1.0.0` is `@scope+name@1.0.0`, another one like it has a number. */
const folderNames = (lock: Lock): ReadonlyMap<string, string> => {
  const names = new Map<string, string>()
  const used = new Map<string, number>()
  for (const [id, { name, version }] of lock.packages) {
    const plain = `${name.replace("/", "+")}@${version}`
    const count = (used.get(plain) ?? 0) + 1
    used.set(plain, count)
    names.set(id, count === 1 ? plain : `${plain}+${count}`)
  }
  return names
}

/** What the roots need, each after what it needs itself. */
const reachable = (lock: Lock, roots: Iterable<string>): ReadonlyArray<string> => {
  const order: Array<string> = []
  const visited = new Set<string>()
  const open: Array<{ readonly id: string; readonly next: Array<string> }> = []
  const enter = (id: string) => {
    const found = lock.packages.get(id)
    if (found === undefined || visited.has(id)) return
    visited.add(id)
    open.push({ id, next: Object.values(found.dependencies).reverse() })
  }
  for (const root of roots) {
    enter(root)
    while (open.length > 0) {
      const last = open.at(-1)!
      const next = last.next.pop()
      if (next !== undefined) enter(next)
      else order.push(open.pop()!.id)
    }
  }
  return order
}

/** Which version of each name everybody may import: the lock's own choice, else the one that most others need. */
const hoisted = (lock: Lock, ids: ReadonlyArray<string>): ReadonlyMap<string, string> => {
  const needed = new Map<string, number>()
  for (const id of ids)
    for (const target of Object.values(lock.packages.get(id)!.dependencies))
      needed.set(target, (needed.get(target) ?? 0) + 1)
  const chosen = new Map<string, string>()
  for (const id of ids) {
    const { name } = lock.packages.get(id)!
    const other = chosen.get(name)
    if (other === undefined || (needed.get(id) ?? 0) > (needed.get(other) ?? 0)) chosen.set(name, id)
  }
  const there = new Set(ids)
  for (const [name, id] of lock.top) if (there.has(id)) chosen.set(name, id)
  return chosen
}

const ownOf = (importer: Importer, withDevelopment: boolean) =>
  withDevelopment ? { ...importer.development, ...importer.runtime } : importer.runtime

/**
 * Each package once, in a folder with links to exactly its dependencies beside it, as pnpm lays them out: right for
 * every graph, also for those locks that say nothing of hoisting. What is imported without being declared is found
 * among the hoisted: by packages alone (`private`), or by the project as well (`public`).
 */
export const layOut = (
  lock: Lock,
  tarballOf: (id: string) => number,
  { withDevelopment, hoist }: { readonly withDevelopment: boolean; readonly hoist: "public" | "private" },
): Layout => {
  const names = folderNames(lock)
  const roots = lock.importers.flatMap((importer) => Object.values(ownOf(importer, withDevelopment)))
  const ids = reachable(lock, roots)
  const placeOf = (id: string) => `${store}/${names.get(id)!}/node_modules/${lock.packages.get(id)!.name}`
  const links = new Map<string, string>()
  const link = (path: string, id: string) => links.set(path, posix.relative(posix.dirname(path), placeOf(id)))
  for (const importer of lock.importers) {
    const folder = importer.path === "" ? "node_modules" : `${importer.path}/node_modules`
    for (const [name, id] of Object.entries(ownOf(importer, withDevelopment))) link(`${folder}/${name}`, id)
  }
  const everybody = hoist === "public" ? "node_modules" : `${store}/node_modules`
  for (const [name, id] of hoisted(lock, ids))
    if (!links.has(`${everybody}/${name}`)) {
      const own = links.has(`node_modules/${name}`)
        ? lock.importers.find(({ path }) => path === "")
        : undefined
      link(`${everybody}/${name}`, (own && ownOf(own, withDevelopment)[name]) ?? id)
    }
  for (const id of ids) {
    const { name: own, dependencies } = lock.packages.get(id)!
    for (const [name, target] of Object.entries(dependencies))
      if (name !== own) link(`${store}/${names.get(id)!}/node_modules/${name}`, target)
  }
  return {
    places: ids.map((id) => [placeOf(id), tarballOf(id), lock.packages.get(id)!.optional]),
    links: [...links],
  }
}
