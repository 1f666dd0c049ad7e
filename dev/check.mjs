// `npm run check`: types of every workspace, and Biome: lint, format, order and direction of imports.
import { existsSync } from "node:fs"
import { join } from "node:path"
import { checkout, command, runNode24 } from "./setup/setup.mjs"
import { say } from "./setup/steps.mjs"

const bin = (...path) => join(checkout, "node_modules", ...path)
const colours = process.stdout.isTTY ? [] : ["--colors=off"]
const workspaces = ["contract", "platform", "agent", "cli", "ui", "ui/test", "nixos", "."]

await command("check", async () => {
  const failed = []
  for (const workspace of workspaces) {
    const project = join(checkout, workspace, "tsconfig.json")
    if (!existsSync(project)) throw new Error(`${project} is missing`)
    if ((await runNode24([bin("typescript", "bin", "tsc"), "--project", project])) !== 0)
      failed.push(`types of ${workspace}`)
  }
  if ((await runNode24([bin("@biomejs", "biome", "bin", "biome"), "ci", ...colours, checkout])) !== 0)
    failed.push("biome")
  say(failed.length === 0 ? "check: all good" : `check: failed in ${failed.join(", ")}`)
  return failed.length === 0 ? 0 : 1
})
