import { Ordinal } from "@skypanel/contract/Ordinal"
import { Argument, Flag } from "effect/cli"

/** Which deployment, release, revision or version. */
export const ordinal = (name: string) => Argument.Int(name).pipe(Argument.withSchema(Ordinal))

export const ordinalFlag = (name: string) => Flag.Int(name).pipe(Flag.withSchema(Ordinal))
