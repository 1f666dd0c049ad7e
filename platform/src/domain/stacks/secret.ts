import { randomBytes } from "node:crypto"

/** 192 random bits, in characters that need no escape in a URL, a shell or a configuration file. */
export const newSecret = (): string => randomBytes(24).toString("hex")

/** What a version of a stack's secret is sealed for; the first ones were sealed before there were versions. */
export const secretSealedFor = (
  organization: string,
  stack: string,
  name: string,
  version: number,
): ReadonlyArray<string> => [
  organization,
  stack,
  "stack-secret",
  name,
  ...(version === 1 ? [] : [String(version)]),
]
