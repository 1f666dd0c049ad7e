// `npm run build`: the user interface and the agent's bundles, for production. Nothing else needs building.
import { join } from "node:path"
import { checkout, command, runNode24 } from "./setup/setup.mjs"

const vite = join(checkout, "node_modules", "vite", "bin", "vite.js")
const builds = [
  [vite, "build", join(checkout, "ui")],
  ["--disable-warning=ExperimentalWarning", join(checkout, "dev", "build-agent.ts")],
]

await command("check", async () => {
  for (const build of builds) {
    const code = await runNode24(build)
    if (code !== 0) return code
  }
  return 0
})
