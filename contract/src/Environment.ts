import { Schema } from "effect"

export const environmentLimits = { variables: 100, valueBytes: 32 * 1024 } as const

/** POSIX names, and none that our runtime sets itself. */
const EnvironmentName = Schema.String.check(
  Schema.isPattern(/^(?!PORT$)[A-Za-z_][A-Za-z0-9_]{0,127}$/, {
    message:
      "a variable's name has letters, digits and underscores, does not start with a digit, and is not PORT",
  }),
)

/** Environment variables of a service, by name. At most 100, each value at most 32 KiB and without NUL. */
export const Environment = Schema.Record(
  Schema.String,
  Schema.String.check(
    Schema.isMaxLength(environmentLimits.valueBytes, { message: "a variable's value has at most 32 KiB" }),
    Schema.isPattern(/^[^\0]*$/, { message: "a variable's value has no NUL character" }),
  ),
).check(
  // A checked key schema would drop the names that it does not match, without a word.
  Schema.isPropertyNames(EnvironmentName),
  Schema.isMaxProperties(environmentLimits.variables, { message: "at most 100 variables" }),
)
export type Environment = Readonly<Record<string, string>>
