import { type ChildProcess, spawn } from "node:child_process"
import { createWriteStream, readFileSync } from "node:fs"
import { join } from "node:path"

export const checkout = join(import.meta.dirname, "../..")

/** How to run a program in a network: the command line that does it. */
export type Inside = (command: string, ...args: Array<string>) => readonly [string, ReadonlyArray<string>]

/** One of our programs as a process of its own, with its output in a file; a test may end it by any signal. */
export class TestProgram {
  private child: ChildProcess | null = null
  readonly name: string
  private readonly file: string
  private readonly environment: () => Record<string, string>
  private readonly log: string
  private readonly inside: Inside

  constructor(
    name: string,
    file: string,
    environment: () => Record<string, string>,
    log: string,
    inside: Inside = (command, ...args) => [command, args],
  ) {
    this.name = name
    this.file = file
    this.environment = environment
    this.log = log
    this.inside = inside
  }

  start() {
    const output = createWriteStream(this.log, { flags: "a" })
    const [command, args] = this.inside(process.execPath, join(checkout, this.file))
    const child = spawn(command, args, {
      cwd: checkout,
      env: { ...process.env, ...this.environment() },
      stdio: ["ignore", "pipe", "pipe"],
    })
    child.stdout.pipe(output)
    child.stderr.pipe(output)
    this.child = child
  }

  get pid() {
    return this.child?.pid
  }

  hasEnded() {
    return this.child === null || this.child.exitCode !== null || this.child.signalCode !== null
  }

  /** Resolves when the program has ended. */
  async end(signal: NodeJS.Signals) {
    const child = this.child
    if (child === null || this.hasEnded()) return
    const ended = new Promise((resolve) => child.once("exit", resolve))
    child.kill(signal)
    const late = setTimeout(() => child.kill("SIGKILL"), 20_000)
    await ended
    clearTimeout(late)
  }

  /** Stops it where it is (SIGSTOP), or lets it go on (SIGCONT). */
  send(signal: "SIGSTOP" | "SIGCONT") {
    this.child?.kill(signal)
  }

  tail() {
    return readFileSync(this.log, "utf8").slice(-4_000)
  }
}
