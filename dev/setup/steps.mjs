import { spawn } from "node:child_process"
import { createWriteStream, mkdirSync, readFileSync } from "node:fs"
import { dirname } from "node:path"

/** When the command was typed, in milliseconds since 1970. */
export const startedAt = Math.round(Date.now() - process.uptime() * 1000)
const elapsed = () => `${((Date.now() - startedAt) / 1000).toFixed(1).padStart(6)} s`

/** One line about what is being done, with the time since the start. */
export const say = (line) => process.stdout.write(`${elapsed()}  ${line}\n`)

/** A failure whose message is meant for the person at the terminal; no stack trace. */
export class SetupFailure extends Error {}

/**
 * Runs a command; its output goes to the log file. Fails with the end of that output.
 * @param {string} log
 * @param {string} command
 * @param {ReadonlyArray<string>} args
 * @param {Record<string, string>} [env]
 */
export const runLogged = (log, command, args, env = {}) =>
  new Promise((resolve, reject) => {
    mkdirSync(dirname(log), { recursive: true })
    const file = createWriteStream(log, { flags: "a" })
    file.write(`\n$ ${command} ${args.join(" ")}\n`)
    const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, ...env } })
    child.stdout.pipe(file, { end: false })
    child.stderr.pipe(file, { end: false })
    child.on("error", (error) => reject(new SetupFailure(`cannot run ${command}: ${error.message}`)))
    child.on("close", (code, signal) =>
      file.end(() => {
        if (code === 0) return resolve(undefined)
        const tail = readFileSync(log, "utf8").trimEnd().split("\n").slice(-25).join("\n    ")
        const how = signal ? `was ended by ${signal}` : `ended with exit code ${code}`
        reject(new SetupFailure(`${command} ${args[0]} ${how}. The end of ${log}:\n    ${tail}`))
      }),
    )
  })
