import { Argument } from "effect/cli"

export const name = Argument.String("name").pipe(Argument.withDescription("Name of the service"))
