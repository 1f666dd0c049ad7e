/** One instruction of a Dockerfile, with the lines that it goes on in. */
export interface Instruction {
  /** In capitals, such as `RUN`. */
  readonly name: string
  readonly rest: string
  /** Counted from 1. */
  readonly line: number
}

export interface Dockerfile {
  readonly instructions: ReadonlyArray<Instruction>
  /** Where other programs may be asked to read the file instead of the builder itself (`# syntax=`). */
  readonly frontends: ReadonlyArray<{ readonly reference: string; readonly line: number }>
}

/** What is larger is not read. */
export const dockerfileBytesMax = 256 * 1024

/** BuildKits differ in what they take for space, so everything that any of them takes is. */
const comment = /^[\s\u0085]*#/
/** How BuildKit has it; the value without the space at its end. */
const directive = /^#[ \t]*([a-z][a-z0-9]*)[ \t]*=[ \t]*(.+)$/i
const frontend = /^[\s\u0085]*#[\s\u0085]*syntax[\s\u0085]*=(.*)/is
const hereDocument = /<<-?[ \t]*(["']?)([A-Za-z_][A-Za-z0-9_]*)\1/g

const linesOf = (text: string) => text.replace(/^\ufeff/, "").split("\n")

/** The comments that the file begins with: directives are among them, and nowhere else. */
const headOf = (lines: ReadonlyArray<string>): ReadonlyArray<string> => {
  const end = lines.findIndex((line) => !comment.test(line))
  return end < 0 ? lines : lines.slice(0, end)
}

/** Of its directives, as they stand there, those that say how lines are read and which warnings are shown. */
const harmlessOf = (head: ReadonlyArray<string>) => {
  const found: Array<{ readonly line: string; readonly name: string; readonly value: string }> = []
  for (const each of head) {
    const line = each.trimEnd()
    const [, name = "", value = ""] = directive.exec(line) ?? []
    if (name === "") break
    if (/^escape$/i.test(name) ? /^[\\`]$/.test(value) : /^check$/i.test(name) && /^[\w;=,-]+$/.test(value))
      found.push({ line, name: name.toLowerCase(), value })
  }
  return found
}

const frontendsOf = (head: ReadonlyArray<string>): Dockerfile["frontends"] =>
  head.flatMap((line, index) => {
    const [, reference] = frontend.exec(line) ?? []
    return reference === undefined ? [] : [{ reference: reference.trim(), line: index + 1 }]
  })

/**
 * The Dockerfile as BuildKit gets it, with the same lines: nothing that it begins with can have another program read it,
 * however a BuildKit reads comments.
 */
export const withoutFrontend = (text: string): string => {
  const lines = linesOf(text)
  const head = headOf(lines)
  const kept = harmlessOf(head).map(({ line }) => line)
  // Directives end at a comment that is none.
  return [...kept, ...head.slice(kept.length).map(() => "#"), ...lines.slice(head.length)].join("\n")
}

/** The words after `<<` that end what follows an instruction of RUN, COPY or ADD. */
const documentsOf = ({ name, rest }: Instruction): ReadonlyArray<string> =>
  ["RUN", "COPY", "ADD"].includes(name) ? [...rest.matchAll(hereDocument)].map((match) => match[2]!) : []

/** Reads as much of a Dockerfile as explaining it needs; BuildKit alone says what is wrong in it. */
export const readDockerfile = (text: string): Dockerfile => {
  const lines = linesOf(text)
  const head = headOf(lines)
  const sign = harmlessOf(head).find(({ name }) => name === "escape")?.value ?? "\\"
  const instructions: Array<Instruction> = []
  for (let at = 0; at < lines.length; at++) {
    let newest = lines[at]!.trim()
    if (newest === "" || newest.startsWith("#")) continue
    const line = at + 1
    const parts: Array<string> = []
    while (newest.endsWith(sign) && at + 1 < lines.length) {
      const next = lines[++at]!.trim()
      // Comments and empty lines within an instruction are not of it.
      if (next.startsWith("#") || next === "") continue
      parts.push(newest.slice(0, -1))
      newest = next
    }
    parts.push(newest)
    const [, name = "", rest = ""] = /^(\S+)\s*(.*)$/s.exec(parts.join("")) ?? []
    const instruction = { name: name.toUpperCase(), rest, line }
    instructions.push(instruction)
    for (const word of documentsOf(instruction)) {
      while (at + 1 < lines.length && lines[++at]!.trim() !== word);
    }
  }
  return { instructions, frontends: frontendsOf(head) }
}

interface Stage {
  readonly name: string
  readonly base: string
  readonly from: Instruction
  readonly steps: ReadonlyArray<Instruction>
}

const counted = new Set(["RUN", "COPY", "ADD", "WORKDIR"])

export const stagesOf = ({ instructions }: Dockerfile): ReadonlyArray<Stage> => {
  const stages: Array<Stage & { readonly steps: Array<Instruction> }> = []
  for (const instruction of instructions) {
    if (instruction.name === "FROM") {
      const [, base = "", name = ""] = /^(?:--\S+\s+)*(\S+)(?:\s+as\s+(\S+))?/i.exec(instruction.rest) ?? []
      stages.push({ name: name.toLowerCase(), base, from: instruction, steps: [] })
    } else if (counted.has(instruction.name)) stages.at(-1)?.steps.push(instruction)
  }
  return stages
}

/**
 * The instruction of a step as BuildKit counts them: `[2/5]`, `[web 2/5]`, `[stage-1 2/5]`. An image that is fetched is the
 * first step of its stage.
 */
export const instructionOf = (dockerfile: Dockerfile, step: string): Instruction | null => {
  const [, name = "", count = ""] = /^\[(?:(\S+) +)?(\d+)\/\d+\]/.exec(step) ?? []
  const stages = stagesOf(dockerfile)
  const byNumber = /^stage-(\d+)$/.exec(name)?.[1]
  const index =
    name === ""
      ? stages.length - 1
      : stages.findIndex((stage, at) => stage.name === name.toLowerCase() || String(at) === byNumber)
  const stage = stages[index]
  if (stage === undefined) return null
  const isFetched =
    stage.base !== "scratch" && !stages.slice(0, index).some((each) => each.name === stage.base.toLowerCase())
  const steps = isFetched ? [stage.from, ...stage.steps] : stage.steps
  return steps[Number(count) - 1] ?? null
}
