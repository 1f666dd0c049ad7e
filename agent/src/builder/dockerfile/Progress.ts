import type { BuildSpace } from "../BuildSpace.ts"
import { plainLine } from "../LogText.ts"

const halfMax = 512
const tailLines = 300
const messagesMax = 100

/** What a failure needs of a line: how it begins and how it ends. */
const kept = (line: string): string => {
  const plain = plainLine(line)
  return plain.length <= 2 * halfMax ? plain : `${plain.slice(0, halfMax)} … ${plain.slice(-halfMax)}`
}

/** A step of a Dockerfile, as BuildKit reports it. */
export interface Step {
  /** Such as `[2/5] RUN npm ci`. */
  readonly title: string
  /** The last lines that it printed, without colours and shortened. */
  readonly lines: Array<string>
  /** Why it ended, when it failed. */
  error: string | null
}

/** Reads `--progress=plain`, writes the log, and keeps what a failure will need. */
export class Progress {
  readonly steps = new Map<string, Step>()
  /** What is said outside of any step, by BuildKit and Docker themselves; shortened. */
  readonly messages: Array<string> = []
  readonly #space: Pick<BuildSpace, "note" | "line">
  constructor(space: Pick<BuildSpace, "note" | "line">) {
    this.#space = space
  }

  get failed(): Step | null {
    return [...this.steps.values()].find(({ error }) => error !== null) ?? null
  }

  /** False when the log is full. */
  read(line: string): boolean {
    const [, id, text = ""] = /^#(\d+) (.*)$/s.exec(line) ?? []
    if (id === undefined) {
      if (line.trim() !== "" && this.messages.length < messagesMax) this.messages.push(kept(line))
      return true
    }
    const step = this.steps.get(id)
    if (step === undefined) return this.#begin(id, kept(text))
    return this.#goOn(step, text)
  }

  #begin(id: string, title: string): boolean {
    this.steps.set(id, { title, lines: [], error: null })
    if (isOfDockerfile(title)) this.#space.note(title)
    return true
  }

  #goOn(step: Step, text: string): boolean {
    const [, printed] = /^\d+\.\d+ (.*)$/s.exec(text) ?? []
    if (printed !== undefined) {
      if (step.lines.push(kept(printed)) > tailLines) step.lines.shift()
      return this.#space.line("stdout", printed)
    }
    if (text === "CACHED" && isOfDockerfile(step.title))
      this.#space.note("unchanged: taken from the service's last build")
    const [, error] = /^ERROR:? (.*)$/s.exec(text) ?? []
    if (error !== undefined) step.error = kept(error)
    return true
  }
}

const isOfDockerfile = (title: string) => /^\[(?:\S+ +)?\d+\/\d+\] /.test(title)
