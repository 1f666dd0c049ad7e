import type {
  BuildAssignment,
  BuildObserved,
  BuildResult,
  FetchedCommit,
} from "@skypanel/contract/BuildAssignment"
import type { PackagePlan } from "@skypanel/contract/Check"
import type { DeploymentFailure } from "@skypanel/contract/Deployment"
import type { LearnedHash } from "@skypanel/contract/LearnedHash"
import type { Fiber } from "effect"
import type { BuilderConfig } from "./BuilderConfig.ts"
import { BuildLog } from "./BuildLog.ts"
import { accessRedactions } from "./git/GitAccess.ts"
import type { Redactions } from "./LogText.ts"

/** What no customer shall read: this machine's folders, the token in the upload address, and what fetches the source. */
const redactionsOf = (config: BuilderConfig, assignment: BuildAssignment): Redactions => {
  const path = assignment.uploadPath.split("?")[0]!
  const token = path.split("/").findLast((part) => part.length >= 16) ?? ""
  return [
    ...accessRedactions(assignment.access ?? null),
    ...(assignment.registries ?? []).flatMap(({ username, password }) =>
      accessRedactions({ _tag: "token", username, token: password }),
    ),
    [`${config.controlPlane}${assignment.uploadPath}`, "…"],
    ...(assignment.folderPath === undefined
      ? []
      : ([[`${config.controlPlane}${assignment.folderPath}`, "…"]] as const)),
    [token, "…"],
    [`${config.dataFolder}/builds/${assignment.id}`, "…"],
    [config.dataFolder, "…"],
    [config.templates, "templates"],
    [config.embedded, "packages"],
  ]
}

/** One build of this worker, from its assignment until it is no longer assigned. */
export class Build {
  readonly assignment: BuildAssignment
  readonly log: BuildLog
  phase: BuildObserved["phase"] = "waiting"
  result: BuildResult | null = null
  plan: PackagePlan | null = null
  failure: DeploymentFailure | null = null
  revision: string | null = null
  commit: FetchedCommit | null = null
  hostKeys: ReadonlyArray<string> = []
  learned: ReadonlyArray<LearnedHash> = []
  fiber: Fiber.Fiber<void> | null = null
  /** It is no longer assigned and ends. */
  leaving = false

  constructor(config: BuilderConfig, assignment: BuildAssignment, onLines: () => void) {
    this.assignment = assignment
    this.log = new BuildLog(assignment.limits.logBytes, redactionsOf(config, assignment), onLines)
  }

  get id(): BuildAssignment["id"] {
    return this.assignment.id
  }

  get finished(): boolean {
    return this.phase === "succeeded" || this.phase === "failed"
  }

  enter(phase: BuildObserved["phase"]): void {
    this.phase = phase
    this.log.origin = phase
  }

  /** What a check was for. */
  resolved(plan: PackagePlan): void {
    this.plan = plan
    this.enter("succeeded")
  }

  /** What a poll was for. */
  found(revision: string): void {
    this.revision = revision
    this.enter("succeeded")
  }

  succeed(result: BuildResult): void {
    this.result = result
    this.enter("succeeded")
  }

  fail(failure: DeploymentFailure): void {
    const hide = (text: string) => this.log.redact(text)
    this.failure = {
      ...failure,
      title: hide(failure.title),
      detail: hide(failure.detail),
      lines: failure.lines.map(hide),
    }
    this.enter("failed")
  }

  observed(): BuildObserved {
    return {
      id: this.id,
      phase: this.phase,
      result: this.result,
      failure: this.failure,
      revision: this.revision,
      ...(this.plan !== null && { plan: this.plan }),
      commit: this.commit,
      hostKeys: this.hostKeys,
      ...(this.learned.length > 0 && { learned: this.learned }),
      logSeq: this.log.seq,
    }
  }
}
