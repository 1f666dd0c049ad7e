// Writes the bundles of the agent into a folder: `node bundle-agent.mjs FOLDER`.
import { mkdir, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { bundle, entries } from "../../platform/src/install/bundle.ts"

const folder = process.argv[2]
await mkdir(folder, { recursive: true })
for (const [name, entry] of Object.entries(entries)) {
  const { code } = await bundle(entry, name === "agent")
  await writeFile(join(folder, `${name}.mjs`), code)
}
