import type { BuildAssignment, FetchedCommit } from "@skypanel/contract/BuildAssignment"
import type { LearnedHash } from "@skypanel/contract/LearnedHash"
import type { BuilderConfig } from "./BuilderConfig.ts"
import type { Host } from "./Confinement.ts"
import type { ControlGroup } from "./ControlGroup.ts"
import type { EgressNamespace } from "./EgressNamespace.ts"
import type { EgressProxy } from "./EgressProxy.ts"
import type { EvaluationStore } from "./EvaluationStore.ts"

/** What one build works with; all of it is gone when the build has ended. */
export interface BuildSpace {
  readonly assignment: BuildAssignment
  readonly config: BuilderConfig
  readonly host: Host
  /** Its own folder; empty at the start. */
  readonly folder: string
  /** A folder that may be made for what is secret: it is in memory. */
  readonly secrets: string
  readonly group: ControlGroup
  readonly egress: EgressProxy
  readonly network: EgressNamespace
  /** Its organization's. */
  readonly evaluationStore: EvaluationStore
  /** What was fetched, for people. */
  readonly sawCommit: (commit: FetchedCommit) => void
  /** Keys that the source's host showed and that were not known before. */
  readonly sawHostKeys: (lines: ReadonlyArray<string>) => void
  /** Hashes that the build is held to, or has learned. */
  readonly sawLearned: (learned: ReadonlyArray<LearnedHash>) => void
  /** SkyPanel speaks in the build's log. */
  readonly note: (text: string) => void
  /** A program speaks in the build's log; false when that is full. */
  readonly line: (stream: "stdout" | "stderr", text: string) => boolean
}
