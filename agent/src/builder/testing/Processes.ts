import { readdir, readFile } from "node:fs/promises"

/* For tests: waiting for a condition, and looking at this machine's processes. */

export const until = async (what: string, condition: () => Promise<boolean>, seconds = 20): Promise<void> => {
  const end = Date.now() + seconds * 1000
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`waited ${seconds} s in vain until ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

/** How many processes have the word in their command line. */
export const processesWith = async (word: string): Promise<number> => {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name))
  const lines = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")))
  return lines.filter((line) => line.includes(word)).length
}

export const nonce = (): string => Math.random().toString(36).slice(2)
