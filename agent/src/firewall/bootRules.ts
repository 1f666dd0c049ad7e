import { mkdir, rename, rm, writeFile } from "node:fs/promises"
import { dirname, join } from "node:path"
import { Effect } from "effect"
import type { RuleSet } from "./ruleSet.ts"
import { installation } from "./transaction.ts"

/**
 * After a machine's start the engine starts its containers whether an agent runs or not. So the rules are kept in files
 * that the machine's init system loads before the engine: `iptables-restore --noflush <data>/firewall/iptables.rules`.
 */
export const bootRulesFile = (dataFolder: string, program: RuleSet["program"]): string =>
  join(dataFolder, "firewall", `${program}.rules`)

export const keepBootRules = (dataFolder: string, rules: RuleSet): Effect.Effect<void> =>
  Effect.tryPromise(async () => {
    const file = bootRulesFile(dataFolder, rules.program)
    await mkdir(dirname(file), { recursive: true })
    await writeFile(`${file}.new`, installation(rules, ""), { mode: 0o600, flush: true })
    await rename(`${file}.new`, file)
  }).pipe(
    Effect.catch((error) =>
      Effect.logWarning(`cannot keep the firewall's rules for the next start: ${error.cause}`),
    ),
  )

/** A machine whose containers nobody keeps apart any more does not start with what kept them apart before. */
export const forgetBootRules = (dataFolder: string): Effect.Effect<void> =>
  Effect.promise(() => rm(join(dataFolder, "firewall"), { recursive: true, force: true })).pipe(
    Effect.catchCause((cause) => Effect.logWarning("the rules for the next start cannot be removed", cause)),
  )
