/** What is on the disk of the agent's versions, each named by the SHA-256 of its bundle. */
export interface VersionState {
  readonly current: string | null
  readonly previous: string | null
  readonly next: { readonly sha256: string; readonly attempts: number } | null
  readonly confirmed: string | null
  readonly failed: ReadonlyArray<string>
  /** Those whose bundle is there and undamaged, newest first. */
  readonly whole: ReadonlyArray<string>
}

export type Plan =
  | { readonly do: "run"; readonly sha256: string }
  /** To be run on trial: what is current stays so until it is confirmed. */
  | { readonly do: "try"; readonly sha256: string }
  | { readonly do: "promote"; readonly sha256: string }
  | { readonly do: "reject"; readonly sha256: string; readonly why: string }
  | { readonly do: "nothing" }

/** A trial that the machine itself does not live through is begun again this often. */
export const attemptsMost = 3

const planOfNext = ({ sha256, attempts }: NonNullable<VersionState["next"]>, state: VersionState): Plan => {
  // It was promoted or confirmed, and the machine stopped before that was written down.
  if (sha256 === state.current || sha256 === state.confirmed) return { do: "promote", sha256 }
  if (state.failed.includes(sha256)) return { do: "reject", sha256, why: "it has failed before" }
  if (!state.whole.includes(sha256)) return { do: "reject", sha256, why: "its file is damaged or missing" }
  if (attempts >= attemptsMost)
    return { do: "reject", sha256, why: `it was begun ${attempts} times and cut off each time` }
  return { do: "try", sha256 }
}

/** The next step. Those that change the disk are followed by another one. */
export const decide = (state: VersionState): Plan => {
  if (state.next !== null) return planOfNext(state.next, state)
  const wanted = [state.current, state.previous, ...state.whole]
  const sha256 = wanted.find((each) => each !== null && state.whole.includes(each)) ?? null
  return sha256 === null ? { do: "nothing" } : { do: "run", sha256 }
}
