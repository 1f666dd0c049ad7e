import { createHash } from "node:crypto"
import type { EvaluationInput } from "./Evaluator.ts"
import type { Evaluated } from "./NixExpression.ts"
import type { PackageSource } from "./PackageSource.ts"

/** What earlier evaluations gave. Evaluation is pure, so the same input always gives the same. */
export class EvaluationMemory {
  readonly #known = new Map<string, Evaluated>()
  readonly #max = 500

  /** Each organization has its own: what names another one's store paths is no input that both have. */
  static key(organizationId: string, input: EvaluationInput, packages: PackageSource): string {
    return createHash("sha256")
      .update(organizationId)
      .update("\0")
      .update(packages.packages.narHash)
      .update("\0")
      .update(input.value)
      .digest("hex")
  }
  get(key: string): Evaluated | null {
    return this.#known.get(key) ?? null
  }
  set(key: string, evaluated: Evaluated): void {
    this.#known.delete(key)
    this.#known.set(key, evaluated)
    const oldest = this.#known.keys().next().value
    if (this.#known.size > this.#max && oldest !== undefined) this.#known.delete(oldest)
  }
}
