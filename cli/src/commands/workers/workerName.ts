import { Argument } from "effect/cli"

export const workerName = Argument.String("name").pipe(Argument.withDescription("Name of the worker"))
