import type { Check, Diagnostic, PlannedPackage, StartCheck } from "@skypanel/contract/Check"
import { NotFound, Unavailable } from "@skypanel/contract/Errors"
import type { ExpressionText } from "@skypanel/contract/Expression"
import { fakeId } from "./ids.ts"

const packages: ReadonlyArray<PlannedPackage> = [
  { name: "vendored-site", version: "1.0", state: "to-build", direct: true, bytes: null },
  { name: "hello", version: "2.10", state: "in-cache", direct: true, bytes: 270_336 },
  { name: "jq-1.7.tar.gz", version: null, state: "to-fetch", direct: false, bytes: null },
  ...Array.from(
    { length: 30 },
    (_, n): PlannedPackage => ({
      name: n === 0 ? "glibc" : `library-${n}`,
      version: "2.36",
      state: "on-builder",
      direct: false,
      bytes: 1024 * 1024 * (n + 1),
    }),
  ),
]

const at = (expression: string, name: string): Diagnostic["place"] => {
  const lines = expression.slice(0, expression.indexOf(name)).split("\n")
  const column = lines.at(-1)!.length + 1
  return { file: "expression.nix", line: lines.length, column, endColumn: column + name.length }
}

/** Checks of a builder that is not there: whoever writes `helo` is told of `hello`, whoever writes `endless` of it. */
export class FakeChecks {
  builder = true
  readonly asked: Array<string> = []
  #newest: Check | null = null

  /** Versions of every service's expression, oldest first. */
  expressions: ReadonlyArray<ExpressionText> = []

  expression(number: number): ExpressionText {
    const found = this.expressions.find(({ version }) => version.version === number)
    if (found === undefined)
      throw new NotFound({ message: "There is no such version.", next: "Look at the list." })
    return found
  }

  start(wanted: StartCheck): Check {
    if (!this.builder)
      throw new Unavailable({
        message: "No builder can check this now.",
        next: "Check it again in a moment; a deployment waits for a builder.",
      })
    const expression =
      "source" in wanted && wanted.source._tag === "expression" ? wanted.source.expression : ""
    this.asked.push(expression)
    const diagnostics: Array<Diagnostic> = []
    if (/\bhelo\b/.test(expression))
      diagnostics.push({
        code: "evaluation-undefined",
        message: "There is no attribute “helo”.",
        detail: "",
        next: "Did you mean hello or help?",
        place: at(expression, "helo"),
        suggestions: ["hello", "help"],
      })
    if (/\bendless\b/.test(expression))
      diagnostics.push({
        code: "evaluation-limit",
        message: "The expression did not end within 20 seconds.",
        detail: "",
        next: "Look for something that calls itself without an end.",
        place: null,
        suggestions: [],
      })
    const plan = {
      name: "web",
      version: "1.2",
      state: "to-build" as const,
      recognisedAs: "Nix expression",
      packages,
      totals: { packages: 1233, onBuilder: 1230, inCache: 1, toFetch: 1, toBuild: 1, bytesToFetch: 90_112 },
      cut: false,
    }
    this.#newest = {
      id: fakeId("chk"),
      state: "done",
      diagnostics,
      plan: diagnostics.length === 0 ? plan : null,
    }
    return { ...this.#newest, state: "waiting", diagnostics: [], plan: null }
  }

  get(id: string): Check {
    if (this.#newest?.id === id) return this.#newest
    throw new NotFound({ message: "This check is not there any more.", next: "Check it again." })
  }
}
