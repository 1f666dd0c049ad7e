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
  /** What is asked to read the file instead of the builder itself (`# syntax=`), and where. */
  readonly frontend: { readonly reference: string; readonly line: number } | null
}

const directive = /^#[ \t]*([a-z]+)[ \t]*=[ \t]*(\S.*?)[ \t]*$/i
const hereDocument = /<<-?[ \t]*(["']?)([A-Za-z_][A-Za-z0-9_]*)\1/g

/** Directives stand before anything else; the other ways to name a frontend are those of files that are no Dockerfile. */
const directivesOf = (lines: ReadonlyArray<string>) => {
  const found = new Map<string, { readonly reference: string; readonly line: number }>()
  for (const [index, line] of lines.entries()) {
    const [, name = "", value = ""] = directive.exec(line) ?? []
    if (name === "") return found
    found.set(name.toLowerCase(), { reference: value, line: index + 1 })
  }
  return found
}

/** The words after `<<` that end what follows an instruction of RUN, COPY or ADD. */
const documentsOf = ({ name, rest }: Instruction): ReadonlyArray<string> =>
  ["RUN", "COPY", "ADD"].includes(name) ? [...rest.matchAll(hereDocument)].map((match) => match[2]!) : []

/** Reads as much of a Dockerfile as explaining it needs; BuildKit alone says what is wrong in it. */
export const readDockerfile = (text: string): Dockerfile => {
  const lines = text.replace(/^\ufeff/, "").split(/\r?\n/)
  const directives = directivesOf(lines)
  const goesOn = directives.get("escape")?.reference === "`" ? /`[ \t]*$/ : /\\[ \t]*$/
  const instructions: Array<Instruction> = []
  for (let at = 0; at < lines.length; at++) {
    const first = lines[at]!.trim()
    if (first === "" || first.startsWith("#")) continue
    const line = at + 1
    let whole = first
    while (goesOn.test(whole) && at + 1 < lines.length) {
      const next = lines[++at]!.trim()
      // Comments and empty lines within an instruction are not of it.
      if (!next.startsWith("#") && next !== "") whole = `${whole.replace(goesOn, "")}${next}`
    }
    const [, name = "", rest = ""] = /^(\S+)\s*([\s\S]*)$/.exec(whole) ?? []
    const instruction = { name: name.toUpperCase(), rest, line }
    instructions.push(instruction)
    for (const word of documentsOf(instruction)) {
      while (at + 1 < lines.length && lines[++at]!.trim() !== word);
    }
  }
  return { instructions, frontend: directives.get("syntax") ?? null }
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
