import { spawn } from "node:child_process"
import { prefix } from "../firewall/prefix.ts"
import { run } from "./run.ts"

/** Where versions of the agent have had rules. */
const tables = ["mangle", "filter"] as const

/**
 * The input of `iptables-restore --noflush` that takes away every chain of ours from a table, whichever version of the
 * agent made it, and what leads there. Null when there is none.
 */
export const removalOf = (table: (typeof tables)[number], printed: string): string | null => {
  const lines = printed.split("\n").map((line) => line.trim())
  const chains = lines
    .filter((line) => line.startsWith(`-N ${prefix}`))
    .map((line) => line.slice("-N ".length))
  const jumps = lines.filter((line) => line.startsWith("-A ") && line.includes(` -j ${prefix}`))
  if (chains.length === 0) return null
  const away = [
    ...jumps.filter((line) => !line.startsWith(`-A ${prefix}`)).map((line) => line.replace("-A ", "-D ")),
    ...chains.map((name) => `-F ${name}`),
    ...chains.map((name) => `-X ${name}`),
  ]
  return `${[`*${table}`, ...away, "COMMIT"].join("\n")}\n`
}

const restore = (program: string, input: string): Promise<void> =>
  new Promise((resolve, reject) => {
    const child = spawn(`${program}-restore`, ["-w", "5", "--noflush"], {
      stdio: ["pipe", "ignore", "inherit"],
    })
    child.once("error", reject)
    child.once("exit", (code) =>
      code === 0 ? resolve() : reject(new Error(`${program}-restore: exit code ${code}`)),
    )
    child.stdin.end(input)
  })

/** Takes the agent's rules out of the packet filter; a machine without one has none. */
export const removeRules = async (): Promise<void> => {
  for (const program of ["iptables", "ip6tables"])
    for (const table of tables) {
      const printed = await run(program, ["-w", "5", "-t", table, "-S"], 30)
      const transaction = printed.code === 0 ? removalOf(table, printed.stdout) : null
      if (transaction !== null) await restore(program, transaction)
    }
}
