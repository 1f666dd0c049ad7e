import { type LockSource, problem } from "../lock/Locked.ts"

/** A gem that is installed, in one file. */
export interface Gem {
  readonly name: string
  readonly version: string
  readonly file: string
  readonly url: string
  /** Its SHA-256 as Nix takes it; null when only the repository's `vendor/cache` can have it. */
  readonly hash: string | null
}

interface Spec {
  readonly version: string
  /** `ruby` for what is for every system. */
  readonly platform: string
  readonly remote: string
  readonly needs: ReadonlyArray<string>
}

interface Lock {
  readonly specs: ReadonlyMap<string, ReadonlyArray<Spec>>
  readonly checksums: ReadonlyMap<string, string>
  readonly dependencies: ReadonlyArray<string>
}

const gemsMax = 2000
const lineMax = 1000

/** The format is Bundler's own: sections of indented lines, two for what a section says, four for gems, six for needs. */
const parse = (source: LockSource): Lock => {
  const specs = new Map<string, Array<Spec & { needs: Array<string> }>>()
  const checksums = new Map<string, string>()
  const dependencies: Array<string> = []
  let section = ""
  let remote = ""
  let needs: Array<string> = []
  for (const [index, line] of source.text.replaceAll("\r\n", "\n").split("\n").entries()) {
    if (line.length > lineMax)
      throw problem(source, index + 1, "the line is too long", "Make it again with `bundle lock`.")
    if (/^[A-Z]/.test(line)) {
      section = line.trim()
      if (section === "GIT" || section === "PATH" || section === "PLUGIN SOURCE")
        throw problem(
          source,
          index + 1,
          `gems come from ${section === "PATH" ? "a folder" : section === "GIT" ? "Git" : "a plugin"}`,
          "Depend on published versions: only gems of an index can be fetched here.",
        )
      continue
    }
    const [, indent = "", name = "", version = "", rest = ""] =
      /^( +)([A-Za-z0-9][\w.-]*)!?(?: \(([^()]*)\))?(?: (.*))?$/.exec(line) ?? []
    if (section === "GEM") {
      remote = /^ {2}remote: (https?:\/\/[^\s"\\]+)$/.exec(line)?.[1] ?? remote
      if (indent.length === 4 && version !== "") {
        const [number, ...platform] = version.split("-")
        needs = []
        const spec = { version: number!, platform: platform.join("-") || "ruby", remote, needs }
        specs.set(name, [...(specs.get(name) ?? []), spec])
        if (specs.size > gemsMax)
          throw problem(source, index + 1, `it has more than ${gemsMax} gems`, "Remove what is not needed.")
      } else if (indent.length === 6) needs.push(name)
    }
    if (section === "DEPENDENCIES" && indent.length === 2) dependencies.push(name)
    const hex = section === "CHECKSUMS" ? /^sha256=([0-9a-f]{64})$/.exec(rest)?.[1] : undefined
    if (hex !== undefined) checksums.set(`${name}-${version}`, hex)
  }
  return { specs, checksums, dependencies }
}

/** Gems that the Gemfile asks for in groups for development and tests alone, in the form that Bundler itself writes. */
const developmentOf = (gemfile: string): ReadonlySet<string> => {
  const development = new Set<string>()
  const others = new Set<string>()
  let isDevelopment = false
  for (const line of gemfile.split("\n")) {
    if (line.length > lineMax) continue
    const group = /^\s*group\s+(.+?)\s+do\b/.exec(line)?.[1]
    if (group !== undefined)
      isDevelopment = group.split(",").every((each) => /^\s*:(?:development|test)\s*$/.test(each))
    else if (/^\s*end\b/.test(line)) isDevelopment = false
    const gem = /^\s*gem\s*\(?\s*["']([\w.-]+)["']/.exec(line)?.[1]
    if (gem === undefined) continue
    const isOwn =
      /\bgroups?:\s*(?::(?:development|test)\b|\[\s*:(?:development|test)(?:\s*,\s*:(?:development|test))*\s*\])/.test(
        line,
      )
    ;(isDevelopment || isOwn ? development : others).add(gem)
  }
  for (const gem of others) development.delete(gem)
  return development
}

const forHere = (platform: string, cpu: string): number => {
  const machine = cpu === "arm64" ? "(?:aarch64|arm64)" : "x86_64"
  if (platform === "ruby") return 1
  return new RegExp(`^${machine}-linux(?:-gnu)?$`).test(platform) ? 2 : 0
}

/**
 * The gems that run in production: what the Gemfile asks for outside of groups for development and tests, and what that
 * needs. Each for this system when there is one, else for every system. `isVendored`: a `vendor/cache` may have them.
 */
export const parseGemfileLock = (
  source: LockSource,
  gemfile: string,
  isVendored: boolean,
): ReadonlyArray<Gem> => {
  const { specs, checksums, dependencies } = parse(source)
  const development = developmentOf(gemfile)
  const open = dependencies.filter((name) => !development.has(name))
  const found = new Map<string, Gem>()
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    // Bundler is part of Ruby.
    if (found.has(name) || name === "bundler") continue
    const all = specs.get(name) ?? []
    const spec = [...all].sort(
      (one, other) => forHere(other.platform, source.cpu) - forHere(one.platform, source.cpu),
    )[0]
    if (spec === undefined || forHere(spec.platform, source.cpu) === 0)
      throw problem(
        source,
        all.length === 0 ? "DEPENDENCIES" : `    ${name} (`,
        all.length === 0 ? `${name} is asked for, which is not in it` : `${name} is not for this system`,
        all.length === 0
          ? "Run `bundle lock` and commit the lock file that it writes."
          : "Run `bundle lock --add-platform x86_64-linux` and commit the lock file that it writes.",
        all.length === 0 ? "lock-mismatch" : "source-not-recognised",
      )
    const full = spec.platform === "ruby" ? spec.version : `${spec.version}-${spec.platform}`
    const hex = checksums.get(`${name}-${full}`)
    if (!/^[\w.-]{1,100}$/.test(full) || name.length > 100)
      throw problem(
        source,
        `    ${name}`.slice(0, 100),
        "that is no name and version of a gem",
        "Make it again.",
      )
    if (hex === undefined && !isVendored)
      throw problem(
        source,
        `    ${name} (`,
        `${name} ${full} has no checksum`,
        "Run `bundle lock --add-checksums` (Bundler 2.6), or commit vendor/cache (`bundle cache --all-platforms`).",
      )
    const file = `${name}-${full}.gem`
    found.set(name, {
      name,
      version: spec.version,
      file,
      url: `${spec.remote.replace(/\/+$/, "")}/gems/${file}`,
      hash: hex === undefined ? null : `sha256-${Buffer.from(hex, "hex").toString("base64")}`,
    })
    open.push(...spec.needs)
  }
  return [...found.values()].sort((one, other) => (one.name < other.name ? -1 : 1))
}
