import { spawn } from "node:child_process"

/** A problem that the person who ran the program can do something about: printed without a stack. */
export class PrepareError extends Error {}

export const progress = (text) => process.stderr.write(`embedded package set: ${text}\n`)

/**
 * Runs a program without a shell and gives its standard output.
 * Ends it after `seconds`; keeps at most 64 MiB of output and the last 4 KiB of standard error for the message.
 */
export const run = (program, args, { seconds = 60, cwd, env, onErrorLine } = {}) =>
  new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    })
    const limit = 64 * 1024 * 1024
    let output = ""
    let errors = ""
    let line = ""
    const timer = setTimeout(() => child.kill("SIGKILL"), seconds * 1000)
    child.stdout.setEncoding("utf8").on("data", (text) => {
      output += text
      if (output.length > limit) child.kill("SIGKILL")
    })
    child.stderr.setEncoding("utf8").on("data", (text) => {
      errors = (errors + text).slice(-4096)
      if (!onErrorLine) return
      const lines = (line + text).split("\n")
      line = lines.pop() ?? ""
      for (const each of lines) onErrorLine(each)
    })
    child.on("error", (error) => {
      clearTimeout(timer)
      reject(
        new PrepareError(
          error.code === "ENOENT" ? `${program} is not installed on this machine` : error.message,
        ),
      )
    })
    child.on("close", (code, signal) => {
      clearTimeout(timer)
      if (code === 0) resolve(output)
      else {
        const how = signal ? `was stopped by ${signal} (limit: ${seconds} s)` : `ended with ${code}`
        reject(new PrepareError(`${program} ${args.slice(0, 3).join(" ")} … ${how}\n${errors.trim()}`))
      }
    })
  })
