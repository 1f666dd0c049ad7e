// `npm ci` with no network: the packages that importNpmLock fetched go into npm's own cache first.
// Arguments: importNpmLock's folder, then flags for npm. Runs in the project's folder.
import { spawnSync } from "node:child_process"
import { realpathSync } from "node:fs"
import { copyFile, open, readFile } from "node:fs/promises"
import { createRequire } from "node:module"
import { dirname, join } from "node:path"

const [dependencies, ...flags] = process.argv.slice(2)

const npmFolder = () => {
  for (const folder of process.env.PATH.split(":")) {
    try {
      return dirname(dirname(realpathSync(join(folder, "npm"))))
    } catch {}
  }
  throw new Error("npm is not among nativeBuildInputs")
}
const npm = npmFolder()
const require = createRequire(join(npm, "package.json"))
const Arborist = require("@npmcli/arborist")
const cacache = require("cacache")

/** In npm's own words what `npm ci` would refuse; without a network npm could only say that it found no packument. */
const disagreements = (tree) => {
  const found = []
  for (const node of [tree, ...tree.children.values()].filter((each) => each.isRoot || each.isWorkspace)) {
    for (const edge of node.edgesOut.values()) {
      if (edge.optional && !edge.to) continue
      if (edge.missing) found.push(`Missing: ${edge.name}@${edge.spec} from lock file`)
      else if (edge.invalid) {
        found.push(
          `Invalid: lock file's ${edge.to.name}@${edge.to.version} does not satisfy ${edge.name}@${edge.spec}`,
        )
      }
    }
  }
  return found
}

// The project's own package.json is compared: the lock's copy of it is what may be out of date.
await copyFile(join(dependencies, "package-lock.json"), "package-lock.json")
const tree = await new Arborist({ path: process.cwd(), cache: "/nowhere" }).loadVirtual()
const found = disagreements(tree)
if (found.length > 0) {
  console.error("npm error code EUSAGE")
  console.error(
    "npm error `npm ci` can only install packages when your package.json and package-lock.json or npm-shrinkwrap.json are in sync. Please update your lock file with `npm install` before continuing.",
  )
  for (const line of found) console.error(`npm error ${line}`)
  process.exit(1)
}

const cache = join(process.env.TMPDIR ?? "/tmp", "npm-cache")
const lines = (await readFile(join(dependencies, "tarballs"), "utf8"))
  .split("\n")
  .filter((line) => line !== "")
for (const line of lines) {
  const [path, integrity] = line.split(" ")
  const file = await open(path)
  await cacache.put(join(cache, "_cacache"), `tarball:${path}`, await file.readFile(), { integrity })
  await file.close()
}

const command = [
  join(npm, "bin", "npm-cli.js"),
  "ci",
  "--offline",
  "--ignore-scripts",
  "--no-audit",
  "--no-fund",
]
const { status } = spawnSync(
  process.execPath,
  [...command, "--no-update-notifier", "--cache", cache, ...flags],
  {
    stdio: "inherit",
  },
)
process.exit(status ?? 1)
