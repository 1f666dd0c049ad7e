import type { PolicyForm } from "../domain/policyForm.ts"

/** What was typed, and the path in the policy that it is for. */
export interface PolicyPart {
  readonly part: Partial<PolicyForm>
  readonly path: string
}

declare global {
  interface HTMLElementEventMap {
    "sky-policy": CustomEvent<PolicyPart>
  }
}

/** A part of the policy has been typed; whoever holds the form puts it in. */
export const firePolicy = (from: EventTarget, part: Partial<PolicyForm>, path: string): void => {
  from.dispatchEvent(new CustomEvent("sky-policy", { detail: { part, path }, bubbles: true, composed: true }))
}
