// Our units as NixOS would write them, and what systemd says of them.
import { execFile } from "node:child_process"
import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { promisify } from "node:util"

const asList = (value) => (Array.isArray(value) ? value : [value])
const text = (value) => (value === true ? "true" : value === false ? "false" : String(value))
const lines = (settings) =>
  Object.entries(settings).flatMap(([name, value]) => asList(value).map((each) => `${name}=${text(each)}`))

/** The unit's file. What NixOS makes of `script` and `preStop`, programs in the store, is left out. */
export const unitFile = ({
  description,
  after,
  before,
  wants,
  requires,
  environment,
  unitConfig,
  serviceConfig,
  ...of
}) =>
  [
    "[Unit]",
    `Description=${description}`,
    ...lines({ After: after, Before: before, Wants: wants, Requires: requires, ...unitConfig }),
    ...(of.startLimitIntervalSec === null ? [] : [`StartLimitIntervalSec=${of.startLimitIntervalSec}`]),
    "[Service]",
    ...Object.entries(environment).map(
      ([name, value]) => `Environment=${JSON.stringify(`${name}=${value}`)}`,
    ),
    ...lines({ ExecStart: "/nix/store/script", ...serviceConfig }),
    "[Install]",
    ...lines({ WantedBy: of.wantedBy }),
    "",
  ].join("\n")

/** Lines about what is only not here: programs of the store, and units of NixOS. */
const isAboutHere = /is not executable|Unit .* not found|Failed to create .*\/start|Failed to open .*man/

const complaints = async (folder, unit) => {
  const { stderr } = await promisify(execFile)("systemd-analyze", ["verify", "--man=no", unit], {
    cwd: folder,
    timeout: 30_000,
  }).catch((error) => error)
  return stderr.split("\n").filter((line) => line.includes("skypanel-") && !isAboutHere.test(line))
}

const hasSystemd = () =>
  promisify(execFile)("systemd-analyze", ["--version"]).then(
    () => true,
    () => false,
  )

/** What systemd does not understand of each unit, by its name; null where there is no systemd to ask. */
export const misunderstood = async (units) => {
  if (!(await hasSystemd())) return null
  const folder = await mkdtemp(join(tmpdir(), "skypanel-units-"))
  try {
    const said = {}
    for (const [name, unit] of Object.entries(units)) {
      const file = `${name.split("/")[1]}.service`
      await writeFile(join(folder, file), unitFile(unit))
      said[name] = await complaints(folder, file)
    }
    return said
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
