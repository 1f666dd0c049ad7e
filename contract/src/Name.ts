import { Schema } from "effect"

/**
 * A service's or an organization's name: one DNS label of at most 30 characters, so that
 * `<service>-<organization>` fits the 63 that a label may have (RFC 1035, section 2.3.4).
 */
export const Name = Schema.String.check(
  Schema.isPattern(/^[a-z](?:[a-z0-9-]{0,28}[a-z0-9])?$/, {
    message:
      "a name has 1 to 30 lower-case letters, digits and hyphens, starts with a letter and does not end with a hyphen",
  }),
)
export type Name = string

/** The first label of a service's endpoint. Two pairs can make the same one; the database refuses the second. */
export const endpointLabel = (service: string, organization: string): string => `${service}-${organization}`
