import { existsSync, rmSync, writeFileSync } from "node:fs"
import { delimiter, join } from "node:path"
import { systemPackages } from "./packages.mjs"
import { runLogged, SetupFailure, say } from "./steps.mjs"

const PURPOSES = ["run", "test", "bench"]

/** Debian keeps some programs where only root's PATH looks. */
const FOLDERS = [...(process.env.PATH ?? "").split(delimiter), "/usr/local/sbin", "/usr/sbin", "/sbin"]

const isPresent = (program) =>
  program.startsWith("/") ? existsSync(program) : FOLDERS.some((folder) => existsSync(join(folder, program)))

/**
 * What is missing for a purpose.
 * @param {"run" | "test" | "bench"} purpose
 * @param {(program: string) => boolean} [present]
 */
export const missingSystemPackages = (purpose, present = isPresent) =>
  systemPackages.filter(
    (each) => PURPOSES.indexOf(each.for) <= PURPOSES.indexOf(purpose) && !present(each.program),
  )

/** Tells a person what to install when we cannot. */
export const namesOf = (missing, why) =>
  [
    `These programs are missing, and ${why}:`,
    ...missing.map(({ program, debian, why }) => `    ${program} (Debian package ${debian}): ${why}`),
    "Install them, or run `nix develop`, whose shell has them all.",
  ].join("\n")

const POLICY = "/usr/sbin/policy-rc.d"
const REFUSE =
  "#!/bin/sh\n# Made by SkyPanel's set-up while it installs packages; it starts their engines itself.\nexit 101\n"

/**
 * Debian starts a service when its package is installed, unless this script says no. One that is there already
 * is the administrator's and stays.
 */
export const withoutStartingServices = async (install, policy = POLICY) => {
  if (existsSync(policy)) return install()
  writeFileSync(policy, REFUSE, { mode: 0o755, flag: "wx" })
  const remove = () => rmSync(policy, { force: true })
  const stop = (signal) => {
    remove()
    process.exit(signal === "SIGINT" ? 130 : 143)
  }
  process.once("SIGINT", stop).once("SIGTERM", stop)
  try {
    return await install()
  } finally {
    remove()
    process.off("SIGINT", stop).off("SIGTERM", stop)
  }
}

const apt = (log, ...args) =>
  runLogged(log, "apt-get", ["-y", "-o", "DPkg::Lock::Timeout=300", "-o", "Acquire::Retries=3", ...args], {
    DEBIAN_FRONTEND: "noninteractive",
  })

const install = async (log, names) => {
  const all = ["install", "--no-install-recommends", ...names]
  // A fresh machine has no package lists, and one that slept has old ones.
  await apt(log, "update")
  await apt(log, ...all)
}

/**
 * Installs the Debian packages that are missing; elsewhere, or without root, fails naming them.
 * @param {"run" | "test" | "bench"} purpose
 * @param {string} log
 */
export const ensureSystemPackages = async (purpose, log) => {
  const missing = missingSystemPackages(purpose)
  if (missing.length === 0) return
  if (!isPresent("apt-get")) throw new SetupFailure(namesOf(missing, "this system has no apt-get"))
  if (process.getuid?.() !== 0) throw new SetupFailure(namesOf(missing, "only root may install them"))
  const names = [...new Set(missing.map(({ debian }) => debian))]
  say(`installing ${names.join(", ")} …`)
  await withoutStartingServices(() => install(log, names))
  const still = missingSystemPackages(purpose)
  if (still.length > 0) throw new SetupFailure(namesOf(still, "installing their packages did not bring them"))
}
