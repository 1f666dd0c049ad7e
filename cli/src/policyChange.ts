import { FleetPolicy } from "@skypanel/contract/Fleet"
import { Result } from "effect"
import { checked, type Issue, refuse } from "./checked.ts"
import type { BadInput } from "./Failure.ts"
import { readPairs } from "./pairs.ts"
import { isKey, keys, type PolicyKey, policyKeys, policyTexts, scalingKeys } from "./policyKeys.ts"

const command = "skypanel workers policy set"

/** Reads the changes; keys that do not exist, or are said twice, or against each other, are refused. */
const readChanges = (texts: ReadonlyArray<string>, issues: Array<Issue>): ReadonlyMap<PolicyKey, string> => {
  const changes = new Map<PolicyKey, string>()
  for (const [key, value] of readPairs("KEY=VALUE", texts, issues)) {
    if (!isKey(key))
      issues.push({
        path: key.slice(0, 80),
        message: `there is no such key; the keys are ${policyKeys.join(", ")}`,
      })
    else if (changes.has(key)) issues.push({ path: key, message: "it is set twice" })
    else changes.set(key, value)
  }
  if (changes.has("scaling") && scalingKeys.some((key) => changes.has(key)))
    issues.push({ path: "scaling", message: "it cannot be off and have other keys set" })
  return changes
}

/** The texts of the policy that is wanted. */
const withChanges = (
  before: ReadonlyMap<PolicyKey, string>,
  changes: ReadonlyMap<PolicyKey, string>,
  issues: Array<Issue>,
): ReadonlyMap<PolicyKey, string> => {
  const texts = new Map([...before, ...changes])
  if (changes.has("scaling")) for (const key of scalingKeys) texts.delete(key)
  else if (scalingKeys.some((key) => changes.has(key))) {
    texts.delete("scaling")
    for (const key of scalingKeys)
      if (!texts.has(key)) issues.push({ path: key, message: "it is missing: scaling needs all of its keys" })
  }
  return texts
}

/** Puts a value at a path such as `alerts.cpuPercent`. */
const put = (policy: Record<string, unknown>, field: string, value: unknown) => {
  const [outer = "", inner] = field.split(".")
  policy[outer] = inner === undefined ? value : Object.assign({}, policy[outer], { [inner]: value })
}

/** The policy that the texts say, as far as they can be read; the contract has yet to judge it. */
const readTexts = (texts: ReadonlyMap<PolicyKey, string>, issues: Array<Issue>): unknown => {
  const policy: Record<string, unknown> = {}
  for (const [key, text] of texts) {
    const { kind, field } = keys[key]
    const value = kind.read(text)
    if (value === null) issues.push({ path: key, message: kind.written })
    put(policy, field, key === "scaling" ? null : value)
  }
  return policy
}

/** Names the key in place of the contract's field, and says how its value is written. */
const ofKey = (issue: Issue): Issue => {
  // The last that fits: the keys of scaling stand behind scaling itself.
  const key = policyKeys.findLast((key) => `${issue.path}.`.startsWith(`${keys[key].field}.`))
  return key === undefined ? issue : { path: key, message: `${issue.message}; ${keys[key].kind.written}` }
}

/** The policy with `KEY=VALUE` changes made to it. */
export const changedPolicy = (
  policy: FleetPolicy,
  texts: ReadonlyArray<string>,
): Result.Result<FleetPolicy, BadInput> => {
  const issues: Array<Issue> = []
  const wanted = withChanges(policyTexts(policy), readChanges(texts, issues), issues)
  const request = readTexts(wanted, issues)
  if (issues.length > 0) return Result.fail(refuse(issues, command))
  return Result.mapError(checked(FleetPolicy, request, [], command), (error) =>
    refuse(error.issues.map(ofKey), command),
  )
}
