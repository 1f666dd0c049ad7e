import { Schema } from "effect"
import { Timestamp } from "./Id.ts"

export const environmentLimits = { variables: 100, valueBytes: 32 * 1024 } as const

/** POSIX names, and none that our runtime sets itself. */
const EnvironmentName = Schema.String.check(
  Schema.isPattern(/^(?!PORT$)[A-Za-z_][A-Za-z0-9_]{0,127}$/, {
    message:
      "a variable's name has letters, digits and underscores, does not start with a digit, and is not PORT",
  }),
)

const Value = Schema.String.check(
  Schema.isMaxLength(environmentLimits.valueBytes, { message: "a variable's value has at most 32 KiB" }),
  Schema.isPattern(/^[^\0]*$/, { message: "a variable's value has no NUL character" }),
)

// A checked key schema would drop the names that it does not match, without a word.
const names = Schema.isPropertyNames(EnvironmentName)
const count = Schema.isMaxProperties(environmentLimits.variables, { message: "at most 100 variables" })

/** Environment variables of a service, by name. At most 100, each value at most 32 KiB and without NUL. */
export const Environment = Schema.Record(Schema.String, Value).check(names, count)
export type Environment = Readonly<Record<string, string>>

/** Values of secret variables as they are set, by name; null: the variable goes. Those that are not named stay as they are. */
export const SecretValues = Schema.Record(Schema.String, Schema.NullOr(Value)).check(names, count)
export type SecretValues = Readonly<Record<string, string | null>>

/** A variable whose value was given once and is never shown again. */
export const SecretVariable = Schema.Struct({
  name: Schema.String,
  /** Counts from 1 with each value that it was given. */
  version: Schema.Int,
  /** When that version was given, and by whom. */
  setAt: Timestamp,
  setBy: Schema.NullOr(Schema.String),
  /** How many versions before are kept, for the releases that have them. */
  earlier: Schema.Int,
})
export type SecretVariable = typeof SecretVariable.Type

/** Which version of a secret variable a release or deployment has. */
export const SecretVersion = Schema.Struct({ name: Schema.String, version: Schema.Int })
export type SecretVersion = typeof SecretVersion.Type
