// Bundles the programs of a worker into agent/dist, from where the platform gives them to machines.
import { mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { bundle, checkout, entries } from "../platform/src/install/bundle.ts"

const folder = join(checkout, "agent/dist")
mkdirSync(folder, { recursive: true })
for (const name of ["agent", "launcher"] as const) {
  const { code, sha256 } = await bundle(entries[name], name === "agent")
  writeFileSync(join(folder, `${name}.mjs`), code)
  console.log(`agent/dist/${name}.mjs  ${(code.length / 1024).toFixed(0)} kB  ${sha256}`)
}
