// Installs the package of the current folder as `npm install --global` would: the files that `npm pack` lists, its
// runtime dependencies, and its programs in $out/bin.
import { execFileSync } from "node:child_process"
import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, symlinkSync } from "node:fs"
import { basename, dirname, join, relative } from "node:path"

const out = process.env.out
const description = JSON.parse(readFileSync("package.json", "utf8"))
const target = join(out, "lib", "node_modules", description.name)
const npm = (...args) => execFileSync("npm", args, { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] })

const [packed] = JSON.parse(npm("pack", "--dry-run", "--json", "--ignore-scripts"))
for (const { path } of packed.files) {
  mkdirSync(dirname(join(target, path)), { recursive: true })
  cpSync(path, join(target, path))
}
if (existsSync("node_modules")) {
  if (!process.env.dontNpmPrune) npm("prune", "--omit=dev", "--no-save", "--offline", "--ignore-scripts")
  if (existsSync("node_modules")) {
    cpSync("node_modules", join(target, "node_modules"), { recursive: true, verbatimSymlinks: true })
  }
}

const programs =
  typeof description.bin === "string"
    ? { [basename(description.name)]: description.bin }
    : (description.bin ?? {})
for (const [name, file] of Object.entries(programs)) {
  const link = join(out, "bin", name)
  mkdirSync(dirname(link), { recursive: true })
  chmodSync(join(target, file), 0o755)
  symlinkSync(relative(dirname(link), join(target, file)), link)
}
