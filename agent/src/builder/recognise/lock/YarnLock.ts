import { isBerryLock, parseBerryLock } from "./BerryLock.ts"
import {
  checkCount,
  checkName,
  dependenciesOf,
  type Importer,
  integrityOf,
  type Lock,
  type LockedPackage,
  type LockSource,
  noIntegrity,
  originOf,
  problem,
} from "./Locked.ts"
import { nameIsForHere } from "./Platform.ts"

/** A block of Yarn 1's lock file: all ranges that one version stands for. */
interface Block {
  readonly patterns: ReadonlyArray<string>
  readonly values: Map<string, string>
  readonly dependencies: Map<string, string>
  readonly optional: Map<string, string>
}

const unquoted = (word: string): string => {
  if (!word.startsWith('"')) return word
  try {
    return String(JSON.parse(word))
  } catch {
    return word.replaceAll('"', "")
  }
}

/** The format is Yarn's own: a line of patterns, then indented `key value` lines, once more indented in a section. */
const parseBlocks = (text: string): ReadonlyArray<Block> => {
  const blocks: Array<Block> = []
  let block: Block | null = null
  let section: Map<string, string> | null = null
  for (const line of text.replaceAll("\r\n", "\n").split("\n")) {
    if (line.trim() === "" || line.startsWith("#")) continue
    if (!line.startsWith(" ")) {
      const patterns = line.replace(/:\s*$/, "").match(/"(?:[^"\\]|\\.)*"|[^,\s][^,]*/g) ?? []
      block = {
        patterns: patterns.map((each) => unquoted(each.trim())),
        values: new Map(),
        dependencies: new Map(),
        optional: new Map(),
      }
      section = null
      blocks.push(block)
      continue
    }
    const [, indent, key, value] =
      /^( +)("(?:[^"\\]|\\.)*"|[^\s:]+):?(?:[ \t]+(\S[\s\S]*)?)?$/.exec(line) ?? []
    if (block === null || key === undefined) continue
    if (indent!.length >= 4) section?.set(unquoted(key), unquoted(value ?? ""))
    else if (value === undefined)
      section =
        key === "dependencies" ? block.dependencies : key === "optionalDependencies" ? block.optional : null
    else block.values.set(key, unquoted(value.trim()))
  }
  return blocks
}

/** `name@range`; the name of an alias (`a@npm:b@^1`) is the one by which it is imported. */
const nameOf = (pattern: string) => pattern.slice(0, pattern.indexOf("@", 1))

/** What the package is called where it is published: in its tarball's path. */
const publishedName = (pattern: string): string => {
  const alias = /^@?[^@]+@npm:((?:@[^@/]+\/)?[^@/]+)(?:@|$)/.exec(pattern)
  return alias?.[1] ?? nameOf(pattern)
}

/** Old locks have a hash only behind the URL, as SHA-1 in hexadecimal. */
const hashOf = (block: Block): string | null => {
  const integrity = integrityOf(block.values.get("integrity"))
  if (integrity !== null) return integrity
  const hex = /#([0-9a-f]{40})$/.exec(block.values.get("resolved") ?? "")?.[1]
  return hex === undefined ? null : `sha1-${Buffer.from(hex, "hex").toString("base64")}`
}

/** Yarn's lock file. `members` are the folders of the workspace by the names of their packages. */
export const parseYarnLock = (
  source: LockSource,
  manifests: ReadonlyMap<string, Readonly<Record<string, unknown>>>,
  members: ReadonlyMap<string, string>,
): Lock => {
  if (isBerryLock(source.text)) return parseBerryLock(source, manifests)
  const blocks = parseBlocks(source.text)
  const optionalOnly = new Set(
    [
      ...blocks.flatMap(({ optional }) => [...optional]),
      ...[...manifests.values()].flatMap((each) =>
        Object.entries(dependenciesOf(each, "optionalDependencies")),
      ),
    ].map((each) => each.join("@")),
  )
  for (const { dependencies } of blocks) for (const each of dependencies) optionalOnly.delete(each.join("@"))
  const ids = new Map<string, string>()
  const found = new Map<string, Omit<LockedPackage, "dependencies">>()
  const blockOf = new Map<string, Block>()
  for (const block of blocks) {
    const [pattern] = block.patterns
    if (pattern === undefined || pattern.indexOf("@", 1) < 0) continue
    const name = publishedName(pattern)
    const isOptional = block.patterns.every((each) => optionalOnly.has(each))
    if (isOptional && !nameIsForHere(name, source.cpu)) continue
    const version = block.values.get("version") ?? ""
    const url = originOf(source, name, version, block.values.get("resolved"))
    checkName(source, name, version)
    const integrity = hashOf(block)
    if (integrity === null) throw noIntegrity(source, name, pattern)
    for (const each of block.patterns) ids.set(each, pattern)
    found.set(pattern, { name, version, url, integrity, optional: isOptional })
    blockOf.set(pattern, block)
  }
  checkCount(source, found)
  const targets = (wanted: Iterable<readonly [string, string]>) =>
    Object.fromEntries(
      [...wanted].flatMap(([name, range]) => {
        const id = ids.get(`${name}@${range}`)
        return id === undefined ? [] : [[name, id]]
      }),
    )
  const packages = new Map(
    [...found].map(([id, locked]) => {
      const { dependencies, optional } = blockOf.get(id)!
      return [id, { ...locked, dependencies: targets([...dependencies, ...optional]) }]
    }),
  )
  const importers: ReadonlyArray<Importer> = [...manifests].map(([path, manifest]) => {
    const wanted = Object.entries(dependenciesOf(manifest, "dependencies", "devDependencies"))
    const missing = wanted.find(([name, range]) => !ids.has(`${name}@${range}`) && !members.has(name))
    if (missing !== undefined)
      throw problem(
        source,
        `${missing[0]}@`,
        `${path === "" ? "the package.json" : `${path}/package.json`} asks for ${missing.join(" ")}, which is not in it`,
        "Run `yarn install` and commit the lock file that it writes.",
        "lock-mismatch",
      )
    const all = Object.keys(
      dependenciesOf(manifest, "dependencies", "devDependencies", "optionalDependencies"),
    )
    return {
      path,
      runtime: targets(Object.entries(dependenciesOf(manifest, "dependencies", "optionalDependencies"))),
      development: targets(Object.entries(dependenciesOf(manifest, "devDependencies"))),
      members: Object.fromEntries(
        all.flatMap((name) => (members.has(name) ? [[name, members.get(name)!]] : [])),
      ),
    }
  })
  return { packages, importers, top: new Map() }
}
