import { hideInvisible } from "@skypanel/contract/invisible"

/** What is deployed; other branches are only kept. */
export const deployBranch = "main"

/** One line of what a push wants: which reference, from which commit to which. */
export interface RefUpdate {
  readonly before: string
  readonly after: string
  readonly ref: string
}

export type PushPlan =
  | { readonly _tag: "refused"; readonly lines: ReadonlyArray<string> }
  | { readonly _tag: "stored"; readonly lines: ReadonlyArray<string> }
  | { readonly _tag: "deploy"; readonly main: RefUpdate; readonly lines: ReadonlyArray<string> }

const object = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/
const isNone = (id: string) => /^0+$/.test(id)
const heads = "refs/heads/"

/** A line that `git receive-pack` gives to its hooks; null when it is none. */
export const parseRefUpdate = (line: string): RefUpdate | null => {
  const [before = "", after = "", ...ref] = line.split(" ")
  return object.test(before) && object.test(after) && ref.length === 1
    ? { before, after, ref: ref[0]! }
    : null
}

/** Whether a branch stands where whoever pushed believes that it does; `now` null: it is not there. */
export const isAsBelieved = ({ before }: RefUpdate, now: string | null): boolean =>
  now === null ? isNone(before) : now === before

/** How many branches there are after it that were not there before. */
export const newBranches = (updates: ReadonlyArray<RefUpdate>): number =>
  updates.filter(({ before }) => isNone(before)).length

/** What a push comes to, and what whoever pushed is told of it. It is taken whole or not at all. */
export const planPush = (service: string, exists: boolean, updates: ReadonlyArray<RefUpdate>): PushPlan => {
  const other = updates.find(({ ref }) => !ref.startsWith(heads))
  if (other !== undefined)
    return {
      _tag: "refused",
      lines: [
        `Only branches are kept here; ${other.ref.replace(/^refs\//, "")} is none.`,
        `Push the branch alone: git push skypanel ${deployBranch}`,
      ],
    }
  const below = updates.find(({ ref }) => ref.startsWith(`${heads}${deployBranch}/`))
  if (below !== undefined)
    return {
      _tag: "refused",
      lines: [
        `There is no place for ${below.ref.slice(heads.length)}: ${deployBranch} is a branch of its own.`,
        "Push it under another name.",
      ],
    }
  const main = updates.find(({ ref }) => ref === heads + deployBranch)
  if (main !== undefined && isNone(main.after))
    return {
      _tag: "refused",
      lines: [
        `${deployBranch} is what is deployed: it cannot be deleted.`,
        `To end the service: skypanel delete ${service}`,
      ],
    }
  const lines = updates
    .filter((update) => update !== main && !isNone(update.after))
    .map(({ ref }) => ref.slice(heads.length))
    .map(
      (branch) =>
        `${branch} is kept and not deployed: only ${deployBranch} is. To deploy it: git push skypanel ${branch}:${deployBranch}`,
    )
  if (main !== undefined) return { _tag: "deploy", main, lines }
  if (exists) return { _tag: "stored", lines }
  return {
    _tag: "refused",
    lines: [
      `There is no service ${service} yet: the first push to it is one of ${deployBranch}.`,
      `Push that: git push skypanel ${deployBranch}`,
    ],
  }
}

const lineMax = 500

/** One line for whoever pushes, who sees it in a terminal: nothing in it moves the cursor or changes a colour. */
export const remoteLine = (text: string): string => {
  const still = text
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control sequences are what is taken out
    .replace(/\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|.)?/g, "")
    .replace(/\t/g, "    ")
  const plain = hideInvisible(still, " ").trimEnd()
  return plain.length <= lineMax ? plain : `${plain.slice(0, lineMax - 1)}…`
}
