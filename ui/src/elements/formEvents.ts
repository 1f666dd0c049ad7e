import type { ServiceForm } from "../domain/serviceForm.ts"

declare global {
  interface HTMLElementEventMap {
    "sky-form": CustomEvent<Partial<ServiceForm>>
  }
}

/** A part of the form has been typed; whoever holds the form puts it in. */
export const fireForm = (from: EventTarget, detail: Partial<ServiceForm>): void => {
  from.dispatchEvent(new CustomEvent("sky-form", { detail, bubbles: true, composed: true }))
}
