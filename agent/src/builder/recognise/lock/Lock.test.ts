import { readFileSync } from "node:fs"
import { join } from "node:path"
import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { processorTime } from "../../testing/ProcessorTime.ts"
import { parsePlainYaml } from "../PlainYaml.ts"
import { parseBunLock } from "./BunLock.ts"
import { layOut } from "./Layout.ts"
import { checkLock, type Lock, LockProblem, type LockSource } from "./Locked.ts"
import { parseNpmLock } from "./NpmLock.ts"
import { nameIsForHere } from "./Platform.ts"
import { parsePnpmLock } from "./PnpmLock.ts"
import { parseYarnLock } from "./YarnLock.ts"

type Parser = (source: LockSource, manifests: ReadonlyMap<string, Record<string, unknown>>) => Lock
const yarn: Parser = (source, manifests) => parseYarnLock(source, manifests, new Map())

/** Written by the package managers themselves, for the one package.json beside them. */
const fixture = (name: string) => readFileSync(join(import.meta.dirname, "fixtures", name), "utf8")
const manifest = JSON.parse(fixture("package.json"))
const fixtures: ReadonlyArray<readonly [string, Parser]> = [
  ["npm-1.lock", parseNpmLock],
  ["npm-2.lock", parseNpmLock],
  ["npm-3.lock", parseNpmLock],
  ["pnpm-5.3.yaml", parsePnpmLock],
  ["pnpm-5.4.yaml", parsePnpmLock],
  ["pnpm-6.0.yaml", parsePnpmLock],
  ["pnpm-9.0.yaml", parsePnpmLock],
  ["yarn-1.lock", yarn],
  ["bun.lock", parseBunLock],
]
/** They have checksums of Yarn's own archives, and more packages: node-gyp for everything that is compiled. */
const berry: typeof fixtures = [
  ["yarn-3.lock", yarn],
  ["yarn-4.lock", yarn],
]
const sourceOf = (file: string, text: string): LockSource => ({
  file,
  text,
  registry: "https://npm.example.org",
  cpu: "x64",
})
const parse = (parser: Parser, text: string, own: Record<string, unknown> = manifest) =>
  parser(sourceOf("the.lock", text), new Map([["", own]]))

const failureOf = (parser: Parser, text: string, own: Record<string, unknown> = {}) => {
  try {
    parse(parser, text, own)
  } catch (error) {
    if (error instanceof LockProblem) return error.failure.failure
    throw error
  }
  throw new Error("it was read")
}

const failureOfAny = (parser: Parser, text: string) => {
  try {
    return `${parse(parser, text, {}).packages.size} packages`
  } catch (error) {
    if (error instanceof LockProblem) return error.message
    throw error
  }
}

/** What can be imported: for each package its own imports, by name and version. */
const graphOf = ({ packages, importers }: Lock) => {
  const named = (imports: Readonly<Record<string, string>>) =>
    Object.fromEntries(
      Object.entries(imports).map(([name, id]) => [
        name,
        `${packages.get(id)!.name} ${packages.get(id)!.version}`,
      ]),
    )
  return {
    root: [named(importers[0]!.runtime), named(importers[0]!.development)],
    packages: Object.fromEntries(
      [...packages.values()].map((each) => [`${each.name} ${each.version}`, named(each.dependencies)]),
    ),
    tarballs: [...packages.values()].map(({ url, integrity }) => `${url} ${integrity.slice(0, 15)}`).sort(),
  }
}

describe("the packages of", () => {
  test.each(fixtures)("%s are the same as in every other", (file, parser) => {
    expect(graphOf(parse(parser, fixture(file)))).toEqual({
      // fsevents is for another system.
      root: [{ "is-odd": "is-odd 3.0.1", numbers: "is-number 7.0.0" }, { mkdirp: "mkdirp 0.5.6" }],
      packages: {
        "is-number 6.0.0": {},
        "is-number 7.0.0": {},
        "is-odd 3.0.1": { "is-number": "is-number 6.0.0" },
        "minimist 1.2.8": {},
        "mkdirp 0.5.6": { minimist: "minimist 1.2.8" },
      },
      tarballs: [
        "https://npm.example.org/is-number/-/is-number-6.0.0.tgz sha512-Wu1VHeIL",
        "https://npm.example.org/is-number/-/is-number-7.0.0.tgz sha512-41Cifkg6",
        "https://npm.example.org/is-odd/-/is-odd-3.0.1.tgz sha512-CQpnWPrD",
        "https://npm.example.org/minimist/-/minimist-1.2.8.tgz sha512-2yyAR8qB",
        "https://npm.example.org/mkdirp/-/mkdirp-0.5.6.tgz sha512-FP+p8RB8",
      ],
    })
  })
  test.each(berry)("%s are what the same package.json needs, by checksums of archives", (file, parser) => {
    const lock = parse(parser, fixture(file))
    const graph = graphOf(lock)
    expect(graph.root).toEqual([
      { "is-odd": "is-odd 3.0.1", numbers: "is-number 7.0.0" },
      { mkdirp: "mkdirp 0.5.6" },
    ])
    expect(graph.packages).toMatchObject({
      "is-odd 3.0.1": { "is-number": "is-number 6.0.0" },
      "mkdirp 0.5.6": { minimist: "minimist 1.2.8" },
    })
    expect(graph.packages).not.toHaveProperty("fsevents 2.3.3")
    const [, odd] = [...lock.packages].find(([, { name }]) => name === "is-odd")!
    expect(odd).toMatchObject({
      url: "https://npm.example.org/is-odd/-/is-odd-3.0.1.tgz",
      yarn: { cacheKey: file === "yarn-3.lock" ? "8" : "10c0", file: null },
    })
    const hex = Buffer.from(odd.integrity.slice("sha512-".length), "base64").toString("hex")
    expect(fixture(file)).toContain(hex)
    expect(hex).toHaveLength(128)
  })
  test("a yarn.lock are taken from the repository's .yarn/cache, also those that have no checksum", () => {
    const archive = "@esbuild-linux-x64-npm-0.25.0-cd9596465b-10c0.zip"
    const text =
      '__metadata:\n  cacheKey: 10c0\n"@esbuild/linux-x64@npm:0.25.0":\n  resolution: "@esbuild/linux-x64@npm:0.25.0"\n  conditions: os=linux & cpu=x64\n'
    const source = { ...sourceOf("yarn.lock", text), cache: ["other.zip", archive] }
    const [found] = parseYarnLock(source, new Map(), new Map()).packages.values()
    expect(found).toMatchObject({ integrity: "", yarn: { cacheKey: "10c0", file: archive } })
  })
  test.each([...fixtures, ...berry])("%s are not those of another package.json", (file, parser) => {
    const missing = failureOf(parser, fixture(file), { dependencies: { "left-pad": "1.3.0" } })
    expect(missing).toMatchObject({ code: "lock-mismatch" })
    expect(missing.title).toMatch(
      /^the\.lock, line \d+: the package.json asks for left-pad 1\.3\.0, which is not in it/,
    )
    const other = failureOf(parser, fixture(file), { dependencies: { "is-odd": "^2.0.0" } })
    expect(other).toMatchObject({ code: "lock-mismatch" })
    expect(other.title).toContain("is-odd ^2.0.0")
  })
})

describe("a lock file", () => {
  test.each<readonly [string, Parser, string, string, number]>([
    ["no JSON", parseNpmLock, '{\n"packages": {},\n}', "not valid JSON", 3],
    ["no YAML", parsePnpmLock, 'lockfileVersion: "9.0"\na: [', "not valid YAML", 2],
    ["an unknown version", parsePnpmLock, "\nlockfileVersion: 4", "its version 4 is not known", 2],
    ["patches", parsePnpmLock, "lockfileVersion: 9\npatchedDependencies:\n  a: b", "it patches packages", 2],
    ["Yarn 2", yarn, "# x\n__metadata:\n  version: 4\n  cacheKey: 7\n", "of the version “7”", 2],
    [
      "no checksum of a package for every system",
      yarn,
      '__metadata:\n  cacheKey: 10c0\n"a@npm:1":\n  resolution: "a@npm:1.0.0"\n',
      "there is no checksum of a",
      4,
    ],
    [
      "a patch",
      yarn,
      '__metadata:\n  cacheKey: 10c0\n"a@patch:a@npm%3A1#./a.patch":\n  resolution: "a@patch:a@npm%3A1.0.0#./a.patch::version=1.0.0&hash=1"\n',
      "a is of the kind “patch”",
      4,
    ],
    ["no Bun", parseBunLock, "{}", "not a lock file of Bun", 1],
    [
      "a package from Git",
      parseNpmLock,
      '{"packages":{\n"node_modules/a":{"version":"1.0.0","resolved":"git+ssh://git@example.org/a.git#0123"}}}',
      "a comes from git+ssh://git@example.org/a.git",
      2,
    ],
    [
      "a package from Git in version 1",
      parseNpmLock,
      '{"dependencies":{"a":\n{"version":"git+https://example.org/a.git#01"}}}',
      "a comes from git+https://example.org/a.git",
      2,
    ],
    [
      "a package from Git of pnpm 7",
      parsePnpmLock,
      "lockfileVersion: 5.4\ndependencies:\n  a: github.com/x/a/01\npackages:\n  github.com/x/a/01:\n    resolution: {tarball: 'https://codeload.github.com/x/a/tar.gz/01'}\n    name: a\n    version: 1.0.0",
      "a comes from https://codeload.github.com/x/a/tar.gz/01",
      5,
    ],
    [
      "a package from Git of pnpm 9",
      parsePnpmLock,
      "lockfileVersion: '9.0'\npackages:\n  '@x/a@https://codeload.github.com/x/a/tar.gz/01':\n    resolution: {tarball: 'https://codeload.github.com/x/a/tar.gz/01'}\n    version: 1.0.0",
      "@x/a comes from https://codeload.github.com/x/a/tar.gz/01",
      3,
    ],
    [
      "no integrity of a package of pnpm 7",
      parsePnpmLock,
      "lockfileVersion: 5.4\npackages:\n  /a/1.0.0:\n    resolution: {}",
      "a has no integrity",
      3,
    ],
    [
      "a package that is needed and not there",
      parsePnpmLock,
      `lockfileVersion: 5.4\npackages:\n  /a/1.0.0:\n    resolution: {integrity: sha512-${"A".repeat(86)}}\n    dependencies:\n      b: example.org/b/1.0.0`,
      "b example.org/b/1.0.0 is needed, which is not in it",
      6,
    ],
    [
      "no integrity",
      parseNpmLock,
      '{"packages":{"node_modules/a":{"version":"1.0.0"}}}',
      "a has no integrity",
      1,
    ],
    [
      "a name that leads out",
      parseNpmLock,
      '{"packages":{"node_modules/../../etc":{"version":"1.0.0","integrity":"sha512-x"}}}',
      "is no name and version",
      1,
    ],
  ])("with %s says so with its line", (_, parser, text, title, line) => {
    const found = failureOf(parser, text)
    expect(found.title).toContain(title)
    expect(found.location).toEqual({ file: "the.lock", line, column: 1 })
    expect(found.next).not.toBe("")
  })

  test("of old Yarn has SHA-1 behind the URL", () => {
    const lock = parse(
      yarn,
      'a@1:\n  version "1.0.0"\n  resolved "https://x.example.org/a-1.0.0.tgz#65101baf3727d728b66fa62f50cda7f2d3989601"\n',
      { dependencies: { a: "1" } },
    )
    expect([...lock.packages.values()]).toMatchObject([
      { url: "https://x.example.org/a-1.0.0.tgz", integrity: "sha1-ZRAbrzcn1yi2b6YvUM2n8tOYlgE=" },
    ])
  })

  test("of npm nests versions, and leaves out what comes with another package", () => {
    const sri = `sha512-${"A".repeat(86)}==`
    const lock = parse(
      parseNpmLock,
      JSON.stringify({
        lockfileVersion: 1,
        dependencies: {
          "@s/a": {
            version: "1.0.0",
            integrity: sri,
            requires: { b: "2", "@s/c": "1", inside: "1" },
            dependencies: {
              b: { version: "2.0.0", integrity: sri },
              inside: { version: "1.0.0", bundled: true },
            },
          },
          "@s/c": { version: "1.0.0", integrity: sri, requires: { b: "1" } },
          b: { version: "1.0.0", integrity: sri },
        },
      }),
      { dependencies: { "@s/a": "1", b: "^1.0.0" } },
    )
    expect(graphOf(lock)).toMatchObject({
      root: [{ "@s/a": "@s/a 1.0.0", b: "b 1.0.0" }, {}],
      packages: { "@s/a 1.0.0": { b: "b 2.0.0", "@s/c": "@s/c 1.0.0" }, "@s/c 1.0.0": { b: "b 1.0.0" } },
    })
  })

  // Bun says nothing of C libraries, and of systems that it does not know that they are none.
  test("of Bun has of programs those for this system alone", () => {
    const lock = parse(parseBunLock, fixture("astro.bun.lock"), { dependencies: { astro: "^7.0.0" } })
    const { places } = layOut(lock, () => 0, { withDevelopment: true, hoist: "public" })
    const programs = /^(?:@esbuild|@img|@rolldown|@astrojs\/compiler|lightningcss)/
    const names = places.map(([path]) => path.slice(path.lastIndexOf("node_modules/") + 13))
    expect(names.filter((name) => programs.test(name)).sort()).toEqual([
      "@astrojs/compiler-binding",
      "@astrojs/compiler-binding-linux-x64-gnu",
      "@astrojs/compiler-rs",
      "@esbuild/linux-x64",
      "@img/colour",
      "@img/sharp-libvips-linux-x64",
      "@img/sharp-linux-x64",
      "@rolldown/binding-linux-x64-gnu",
      "@rolldown/pluginutils",
      "lightningcss",
      "lightningcss-linux-x64-gnu",
    ])
  })

  test("of pnpm has a package once for each set of its peers", () => {
    const entry =
      "{resolution: {integrity: sha512-Wu1VHeILBK8KAWJUAiSZQX94GmOE45Rg6/538fKwiloUu21KncEkYGPqob2oSZ5m}}"
    const text = `lockfileVersion: '9.0'
importers:
  .: {dependencies: {p: {specifier: '1', version: 1.0.0(r@1.0.0)}, b: {specifier: 'workspace:*', version: 'link:packages/b'}}}
packages:
  p@1.0.0: ${entry}
  r@1.0.0: ${entry}
snapshots:
  p@1.0.0(r@1.0.0): {dependencies: {r: 1.0.0}}
  r@1.0.0: {}
`
    const lock = parse(parsePnpmLock, text, { dependencies: { p: "1", b: "workspace:*" } })
    expect(graphOf(lock).packages).toEqual({ "p 1.0.0": { r: "r 1.0.0" }, "r 1.0.0": {} })
    expect(lock.importers[0]!.members).toEqual({ b: "packages/b" })
  })

  const noise = fc.oneof(
    fc.string({ unit: "binary", maxLength: 300 }),
    fc.json(),
    fc
      .constantFrom(...fixtures.map(([file]) => fixture(file)))
      .chain((text) =>
        fc
          .tuple(fc.nat(text.length), fc.nat(40), fc.string({ maxLength: 10 }))
          .map(([at, removed, added]) => text.slice(0, at) + added + text.slice(at + removed)),
      ),
  )
  test.each([
    ["npm", parseNpmLock],
    ["pnpm", parsePnpmLock],
    ["Yarn", yarn],
    ["Bun", parseBunLock],
  ] as const)("of %s that is anything at all gives safe paths, or says what is wrong", (_, parser) => {
    fc.assert(
      fc.property(noise, (text) => {
        try {
          const lock = parse(parser, text)
          checkLock(sourceOf("the.lock", text), lock)
          const { places, links } = layOut(lock, () => 0, { withDevelopment: true, hoist: "public" })
          for (const [path] of [...places, ...links]) expect(path).toMatch(/^node_modules\/(?!.*\.\.\/)/)
        } catch (error) {
          if (!(error instanceof LockProblem)) throw error
        }
      }),
      { numRuns: 300 },
    )
  })
})

test.each(["? ", "&a ", "- ", "[", "{a: ", "[1,", " ", "?\n", "a:\n ", "/*"])(
  "a lock file of nothing but %j is done with at once",
  (part) => {
    const took = processorTime(() => {
      for (const parser of [parseNpmLock, parsePnpmLock, yarn, parseBunLock])
        expect(failureOfAny(parser, part.repeat(50_000))).not.toBe("")
    })
    expect(took).toBeLessThan(10_000)
  },
)

describe("the layout", () => {
  test("links each package to its own dependencies, and shows the rest to all", () => {
    const lock = parse(parseNpmLock, fixture("npm-3.lock"))
    const { places, links } = layOut(lock, (id) => [...lock.packages.keys()].indexOf(id), {
      withDevelopment: false,
      hoist: "public",
    })
    expect(places.map(([path]) => path)).toEqual([
      "node_modules/.store/is-number@6.0.0/node_modules/is-number",
      "node_modules/.store/is-odd@3.0.1/node_modules/is-odd",
      "node_modules/.store/is-number@7.0.0/node_modules/is-number",
    ])
    expect(Object.fromEntries(links)).toEqual({
      "node_modules/is-odd": ".store/is-odd@3.0.1/node_modules/is-odd",
      "node_modules/numbers": ".store/is-number@7.0.0/node_modules/is-number",
      "node_modules/is-number": ".store/is-number@6.0.0/node_modules/is-number",
      "node_modules/.store/is-odd@3.0.1/node_modules/is-number":
        "../../is-number@6.0.0/node_modules/is-number",
    })
  })
  test("takes circles", () => {
    const sri = `sha512-${"A".repeat(86)}==`
    const entry = (name: string) => ({ version: "1.0.0", integrity: sri, dependencies: { [name]: "1" } })
    const lock = parse(
      parseNpmLock,
      JSON.stringify({ packages: { "node_modules/a": entry("b"), "node_modules/b": entry("a") } }),
      { dependencies: { a: "1" } },
    )
    expect(layOut(lock, () => 0, { withDevelopment: true, hoist: "private" }).places).toHaveLength(2)
  })
})

test.each([
  ["@esbuild/linux-x64", true],
  ["@esbuild/linux-arm64", false],
  ["@rollup/rollup-linux-x64-gnu", true],
  ["@rollup/rollup-linux-x64-musl", false],
  ["fsevents", false],
  ["@img/sharp-linuxmusl-x64", false],
  ["bufferutil", true],
])("an optional %s is for this system: %s", (name, isHere) => expect(nameIsForHere(name, "x64")).toBe(isHere))

// The agent hears nobody while it reads a lock file.
test.each(["a\n: b\n", "]\n", "%\n", "? ", "- ", "[", "a: &x {}\nb: *x\n"])(
  "4 MiB of %j are no document at once",
  (unit) => {
    expect(parsePlainYaml(unit.repeat((4 * 1024 * 1024) / unit.length))).toHaveProperty("line")
  },
)
