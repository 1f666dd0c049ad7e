import { InvalidInput, NotFound } from "@skypanel/contract/Errors"
import type { LogLine } from "@skypanel/contract/Log"
import type { StackPart, StackTemplate } from "@skypanel/contract/Stack"
import type {
  AddStackTemplate,
  StackCheck,
  StackDifference,
  StackHistory,
  StackStanding,
  StackVersion,
} from "@skypanel/contract/StackTemplate"
import { part, stackTemplates } from "./FakeStacks.ts"
import { failureFor } from "./failures.ts"
import { now } from "./ids.ts"

/** What a trial has printed. */
export const trialLines = (of: string): readonly LogLine[] =>
  ["evaluating", `building ${of}`].map((text, at) => ({
    seq: at + 1,
    at: now(),
    stream: "stdout",
    origin: "building",
    text,
  }))

export const stackDifference: StackDifference = {
  before: 1,
  after: 2,
  changes: [],
  services: [
    {
      key: "web",
      kind: "changed",
      changes: [{ field: "port", before: "8080", after: "9000" }],
      expression: [],
    },
  ],
}

const servicesOf = ({ definition }: AddStackTemplate): readonly StackPart[] =>
  Object.entries(definition.services).map(([key, { title = key, ...written }]) => part(key, title, written))

/** The library of stacks. A trial takes a step, and fails for services whose source says `broken`. */
export class FakeLibrary {
  readonly histories = new Map<string, StackHistory>()
  private readonly stepMs: () => number

  constructor(stepMs: () => number) {
    this.stepMs = stepMs
  }

  find(name: string): StackHistory {
    const found = this.histories.get(name)
    if (!found)
      throw new NotFound({
        message: `There is no stack "${name}" in the library.`,
        next: "Look at the list.",
      })
    return found
  }

  offered(): readonly StackTemplate[] {
    const own = [...this.histories.values()].flatMap(({ name, owner, removed, versions }) => {
      const version = versions.find(({ state }) => state === "published")
      return removed || !version
        ? []
        : [{ ...version.definition, name, owner, version: String(version.number) }]
    })
    return [...own, ...stackTemplates]
  }

  /** Of all that the platform would find: needs of services that there are not. */
  check(request: AddStackTemplate): StackCheck {
    const services = servicesOf(request)
    const issues = services.flatMap(({ key, needs }) =>
      needs
        .filter((need) => !services.some((one) => one.key === need))
        .map((need) => ({
          path: `definition.services.${key}.needs`,
          message: `the stack has no service "${need}"`,
        })),
    )
    return { issues, services }
  }

  add(request: AddStackTemplate): StackHistory {
    const { name, everyone, definition } = request
    const { issues, services } = this.check(request)
    if (issues.length > 0)
      throw new InvalidInput({ message: "The stack is not as it should be.", next: "Correct it.", issues })
    const before = this.histories.get(name)?.versions ?? []
    const version: StackVersion = {
      number: (before[0]?.number ?? 0) + 1,
      state: "draft",
      trials: [],
      definition: { ...definition, services },
      createdBy: "ada@example.org",
      createdAt: now(),
      publishedAt: null,
    }
    return this.put({
      name,
      owner: everyone ? "everyone" : "organization",
      removed: false,
      manageable: true,
      versions: [version, ...before],
    })
  }

  validate(name: string, number: number): StackHistory {
    setTimeout(() => this.endTrials(name, number), this.stepMs()).unref()
    return this.change(name, number, ({ definition }) => ({
      state: "validating",
      trials: definition.services.map(({ key }) => ({
        key,
        progress: "building",
        failure: null,
        triedAt: now(),
      })),
    }))
  }

  private endTrials(name: string, number: number): void {
    this.change(name, number, ({ definition, trials }) => {
      const isBroken = (of: string) =>
        JSON.stringify(definition.services.find(({ key }) => key === of)?.source).includes("broken")
      const ended = trials.map((trial) => ({
        ...trial,
        progress: null,
        failure: isBroken(trial.key) ? failureFor("fail-syntax", "building") : null,
      }))
      return { trials: ended, state: ended.some(({ failure }) => failure !== null) ? "failed" : "valid" }
    })
  }

  withdraw(name: string, number: number): StackHistory {
    const version = this.find(name).versions.find((one) => one.number === number)
    return this.change(name, number, () => (version?.state === "published" ? { state: "withdrawn" } : null))
  }

  change(
    name: string,
    number: number,
    part: (version: StackVersion) => Partial<StackVersion> | null,
  ): StackHistory {
    const history = this.find(name)
    const versions = history.versions.flatMap((version) => {
      const changed = version.number === number ? part(version) : {}
      return changed === null ? [] : [{ ...version, ...changed }]
    })
    return this.put({ ...history, versions })
  }

  put(history: StackHistory): StackHistory {
    this.histories.set(history.name, history)
    return history
  }

  /** A stack that is made from one of them is one version behind, once there are two. */
  standing(template: string): StackStanding | null {
    const newest = this.histories.get(template)?.versions[0]?.number
    if (newest === undefined) return null
    return newest < 2
      ? { template, version: newest, available: null, difference: null }
      : { template, version: newest - 1, available: newest, difference: stackDifference }
  }
}
