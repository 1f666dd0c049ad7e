// Runs every file of checks in a Nix of its own, so that one that does not evaluate says so and the others go on.
import { execFile } from "node:child_process"
import { readdirSync } from "node:fs"
import { join, resolve } from "node:path"
import { isDeepStrictEqual, promisify } from "node:util"
import { documentation } from "./documentation.mjs"
import { withExamples } from "./examples.mjs"
import { misunderstood } from "./units.mjs"

const [path, ...flags] = process.argv.slice(2)
const lib = resolve(path)
const checksFolder = join(import.meta.dirname, "checks")

/** @param {string} file @param {Record<string, string>} args */
const evaluate = async (file, args) => {
  const given = Object.entries({ lib, ...args }).flatMap(([name, value]) => ["--argstr", name, value])
  const { stdout } = await promisify(execFile)(
    "nix-instantiate",
    ["--eval", "--strict", "--json", "--show-trace", join(import.meta.dirname, file), ...given],
    {
      env: { ...process.env, NIX_CONFIG: "build-users-group =" },
      maxBuffer: 64 * 1024 * 1024,
      timeout: 120_000,
    },
  )
  return JSON.parse(stdout)
}

/** The last of what Nix said: before it stands how it came there. */
const reason = (error) => (error.stderr ?? error.message).trim().split("\n").slice(-12).join("\n  ")

let failures = 0
const report = (subject, problem) => {
  if (problem === null) return console.log(`ok    ${subject}`)
  failures += 1
  console.log(`FAIL  ${subject}\n  ${problem}`)
}

const runChecks = async (name) => {
  const subject = name.replace(/\.nix$/, "")
  try {
    for (const { name: about, actual, expected } of await evaluate("default.nix", {
      file: join(checksFolder, name),
    }))
      report(
        `${subject}: ${about}`,
        isDeepStrictEqual(actual, expected)
          ? null
          : `is        ${JSON.stringify(actual)}\n  shall be  ${JSON.stringify(expected)}`,
      )
  } catch (error) {
    report(subject, `does not evaluate: ${reason(error)}`)
  }
}

const checkDocumentation = async () => {
  try {
    report(
      "documentation",
      await documentation(() => evaluate("documentation.nix", {}), flags.includes("--documentation")),
    )
  } catch (error) {
    report("documentation", reason(error))
  }
}

const checkUnits = async () => {
  try {
    const said = await misunderstood(await evaluate("units.nix", {}))
    if (said === null) return console.log("skipped: units, as there is no systemd here to ask")
    for (const [name, lines] of Object.entries(said))
      report(`units: systemd understands ${name}`, lines.length === 0 ? null : lines.join("\n  "))
  } catch (error) {
    report("units", reason(error))
  }
}

const checkExamples = async () => {
  try {
    await withExamples(async (file, number) => {
      const hosts = await evaluate("example.nix", { file })
      for (const [host, { refused, units }] of Object.entries(hosts))
        report(
          `example ${number} of docs/nixos.md: ${host}`,
          refused.length === 0 && units.length > 0 ? null : [...refused, `units: ${units}`].join("\n  "),
        )
    })
  } catch (error) {
    report("examples of docs/nixos.md", reason(error))
  }
}

for (const name of readdirSync(checksFolder).sort()) await runChecks(name)
await checkExamples()
await checkUnits()
await checkDocumentation()
console.log(failures === 0 ? "all good" : `${failures} failed`)
process.exitCode = failures === 0 ? 0 : 1
