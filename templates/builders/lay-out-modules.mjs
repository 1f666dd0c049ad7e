// Lays out node_modules: LAYOUT OUT NODE
//
// LAYOUT is JSON: `places` ([folder, tarball, optional], dependencies first), `links` ([path, target]), and `scripts`:
// the packages whose installation scripts are run, or null for all. NODE is what programs of packages are run by.
// Unpacking and running scripts is done by the parts of npm that do it there.
import { execFile } from "node:child_process"
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs"
import { createRequire } from "node:module"
import { basename, dirname, join, relative } from "node:path"
import { promisify } from "node:util"

const execute = promisify(execFile)
const [layoutFile, out, node] = process.argv.slice(2)
const { places, links, scripts } = JSON.parse(readFileSync(layoutFile, "utf8"))

const npmFolder = () => {
  for (const folder of process.env.PATH.split(":")) {
    const program = join(folder, "npm")
    if (existsSync(program)) return dirname(dirname(realpathSync(program)))
  }
  throw new Error("npm is not among nativeBuildInputs")
}
const require = createRequire(join(npmFolder(), "package.json"))
const pacote = require("pacote")
const runScript = require("@npmcli/run-script")

const readPackage = (folder) => {
  const file = join(folder, "package.json")
  return existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : {}
}

const programsOf = ({ name, bin }) => {
  if (typeof bin === "string") return [[basename(name), bin]]
  return typeof bin === "object" && bin !== null
    ? Object.entries(bin).filter(
        ([program, file]) => typeof file === "string" && program === basename(program),
      )
    : []
}

/** There is no /usr/bin/env where services run. */
const prepareProgram = (file) => {
  if (!existsSync(file)) return
  chmodSync(file, 0o755)
  const content = readFileSync(file)
  const end = content.indexOf(10)
  const line = end < 0 ? "" : content.subarray(0, end).toString("latin1").trimEnd()
  const flags = /^#! ?\/(?:usr\/)?(?:local\/)?bin\/(?:env (?:-S )?)?node(?: (.*))?$/.exec(line)
  if (flags === null) return
  const first = Buffer.from(`#!${node}${flags[1] ? ` ${flags[1]}` : ""}\n`)
  writeFileSync(file, Buffer.concat([first, content.subarray(end + 1)]))
}

const unpackTarball = (tarball, folder) =>
  pacote.extract(`file:${tarball}`, folder, {
    cache: join(process.env.TMPDIR ?? "/tmp", "cache"),
    offline: true,
  })

/** Yarn's archives have the package at the place where it is looked for: node_modules/NAME. */
const unzip = async (archive, folder, name) => {
  const place = mkdtempSync(join(process.env.TMPDIR ?? "/tmp", "archive-"))
  await execute("unzip", ["-q", archive, "-d", place])
  mkdirSync(dirname(folder), { recursive: true })
  cpSync(join(place, "node_modules", name), folder, { recursive: true, verbatimSymlinks: true })
  rmSync(place, { recursive: true, force: true })
}

const unpack = async ([path, tarball]) => {
  const folder = join(out, path)
  if (tarball.endsWith(".zip"))
    await unzip(tarball, folder, path.slice(path.lastIndexOf("node_modules/") + 13))
  else await unpackTarball(tarball, folder)
  for (const [, file] of programsOf(readPackage(folder))) prepareProgram(join(folder, file))
}

mkdirSync(out, { recursive: true })
const waiting = [...places]
await Promise.all(
  Array.from({ length: 8 }, async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) await unpack(next)
  }),
)

for (const [path, target] of links) {
  const link = join(out, path)
  mkdirSync(dirname(link), { recursive: true })
  symlinkSync(target, link)
}

for (const [path] of links) {
  const link = join(out, path)
  const modules = join(out, path.slice(0, path.lastIndexOf("node_modules/") + "node_modules".length))
  for (const [program, file] of programsOf(readPackage(link))) {
    const named = join(modules, ".bin", program)
    if (existsSync(named) || !existsSync(join(link, file))) continue
    mkdirSync(dirname(named), { recursive: true })
    symlinkSync(relative(dirname(named), join(link, file)), named)
  }
}

for (const [path, , optional] of places) {
  const folder = join(out, path)
  const pkg = readPackage(folder)
  if (scripts !== null && !scripts.includes(pkg.name)) continue
  const events = ["preinstall", "install", "postinstall"].filter((event) => pkg.scripts?.[event])
  try {
    for (const event of events) {
      console.log(`${pkg.name} ${pkg.version}: ${event}`)
      await runScript({ event, path: folder, pkg, stdio: "inherit", scriptShell: "/bin/sh" })
    }
  } catch (error) {
    if (!optional) {
      console.error(`error: the script \`${error.event}\` of the package ${pkg.name} ${pkg.version} failed`)
      process.exit(1)
    }
    console.error(`note: ${pkg.name} is optional, and is left out: its script failed`)
    rmSync(folder, { recursive: true, force: true })
  }
}
