import { NotPossibleNow } from "@skypanel/contract/Errors"
import type { ImageCheck } from "@skypanel/contract/ImageCheck"
import type { RegistryCredential } from "@skypanel/contract/RegistryCredential"
import type { FakePlatform } from "./FakePlatform.ts"
import { now } from "./ids.ts"

const serves = `sha256:${"1".repeat(64)}`
const nothing: Omit<ImageCheck, "reference"> = {
  action: "off",
  minutes: null,
  state: "unknown",
  serves,
  found: null,
  progress: "none",
  waitsFor: null,
  checkedAt: null,
  nextAt: null,
  failure: null,
}

/** Images of services, and what their registries are asked with. Checks end when a test says so. */
export class FakeImages {
  credentials: readonly RegistryCredential[] = []
  private readonly known = new Map<string, Partial<ImageCheck>>()
  private readonly platform: FakePlatform

  constructor(platform: FakePlatform) {
    this.platform = platform
  }

  change(name: string, change: Partial<ImageCheck>): ImageCheck {
    const { source } = this.platform.find(name).service
    if (source._tag !== "image")
      throw new NotPossibleNow({ message: "That is no image.", next: "Deploy it from one." })
    const known = { ...this.known.get(name), ...change }
    this.known.set(name, known)
    if (Object.keys(change).length > 0) this.platform.changed("service", name, null)
    const fixed = source.reference.includes("@")
    return { ...nothing, reference: source.reference, ...(fixed && { state: "fixed" }), ...known }
  }

  /** As if a builder had answered. */
  answer(name: string, answer: Partial<ImageCheck>): void {
    this.change(name, { failure: null, ...answer, progress: "none", waitsFor: null, checkedAt: now() })
  }
}
