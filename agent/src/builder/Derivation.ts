/*
 * Reads a derivation as the store has it: `Derive([…],…)`, which has been the same in every Nix since the first, while
 * what its commands print of one has changed with almost each.
 */

export interface DerivationOutput {
  readonly name: string
  /** Empty where it is known only when it is built. */
  readonly path: string
  /** It is a file whose hash is known: its builder fetches it. */
  readonly fixed: boolean
}

export interface Derivation {
  readonly outputs: ReadonlyArray<DerivationOutput>
  readonly inputs: ReadonlyArray<{ readonly drvPath: string; readonly outputs: ReadonlyArray<string> }>
  readonly environment: ReadonlyMap<string, string>
}

type Term = string | ReadonlyArray<Term>

const deepest = 8
const escapes: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t" }

/** Strings, lists and tuples; in linear time, whatever the text is. */
class Reader {
  readonly #text: string
  #at: number
  constructor(text: string, at: number) {
    this.#text = text
    this.#at = at
  }

  /** What stands between the bracket that is here and its end. */
  terms(depth = 0): ReadonlyArray<Term> {
    if (depth > deepest) throw new Error("it is nested too deep")
    const end = this.#text[this.#at] === "[" ? "]" : ")"
    const found: Array<Term> = []
    this.#at++
    while (this.#text[this.#at] !== end) {
      found.push(this.#term(depth))
      if (this.#text[this.#at] === ",") this.#at++
      else if (this.#text[this.#at] !== end) throw new Error(`unexpected text at ${this.#at}`)
    }
    this.#at++
    return found
  }

  #term(depth: number): Term {
    const first = this.#text[this.#at]
    if (first === '"') return this.#string()
    if (first === "[" || first === "(") return this.terms(depth + 1)
    throw new Error(`unexpected text at ${this.#at}`)
  }

  #string(): string {
    const parts: Array<string> = []
    let from = ++this.#at
    for (;;) {
      const char = this.#text[this.#at]
      if (char === undefined) throw new Error("a string does not end")
      if (char !== '"' && char !== "\\") {
        this.#at++
        continue
      }
      parts.push(this.#text.slice(from, this.#at))
      if (char === '"') {
        this.#at++
        return parts.join("")
      }
      const escaped = this.#text[this.#at + 1] ?? ""
      parts.push(escapes[escaped] ?? escaped)
      this.#at += 2
      from = this.#at
    }
  }
}

const listOf = (term: Term | undefined): ReadonlyArray<Term> => (Array.isArray(term) ? term : [])
const textOf = (term: Term | undefined): string => (typeof term === "string" ? term : "")

/** Of several of one name Nix takes the first. */
const outputsOf = (term: Term | undefined): ReadonlyArray<DerivationOutput> => {
  const outputs = new Map<string, DerivationOutput>()
  for (const output of listOf(term)) {
    const [name, path, , hash] = listOf(output)
    const read = { name: textOf(name), path: textOf(path), fixed: textOf(hash) !== "" }
    if (!outputs.has(read.name)) outputs.set(read.name, read)
  }
  return Array.from(outputs.values())
}

/**
 * Null: it is none that we know, or says otherwise which path a file by its hash has than Nix does: that makes it of the
 * hash, compares it with the environment's when it registers the derivation, and does not look at the output's own.
 */
export const parseDerivation = (text: string): Derivation | null => {
  const start = "Derive("
  if (!text.startsWith(start)) return null
  try {
    const terms = new Reader(text, start.length - 1).terms()
    const outputs = outputsOf(terms[0])
    const environment = new Map(
      listOf(terms[6]).map((pair) => {
        const [name, value] = listOf(pair)
        return [textOf(name), textOf(value)] as const
      }),
    )
    if (outputs.some(({ name, path, fixed }) => fixed && environment.get(name) !== path)) return null
    return {
      outputs,
      inputs: listOf(terms[1]).map((input) => {
        const [drvPath, outputs] = listOf(input)
        return { drvPath: textOf(drvPath), outputs: listOf(outputs).map(textOf) }
      }),
      environment,
    }
  } catch {
    return null
  }
}
