import { Effect } from "effect"
import { Argument, Command } from "effect/cli"
import { connectToOrganization } from "../../Platform.ts"
import { stackList, stackStatus } from "../../render/stack.ts"
import { show } from "../../show.ts"
import { add, publish, remove, validate, withdraw } from "./author.ts"
import { create, rollBack, stackName, update } from "./change.ts"
import { templates } from "./library.ts"
import { deleteStack } from "./remove.ts"
import { rotate } from "./rotate.ts"

const list = Command.make(
  "list",
  {},
  Effect.fn(function* () {
    const { client, organization } = yield* connectToOrganization
    yield* show(yield* client.stacks.list({ params: { organization } }), stackList)
  }),
).pipe(Command.withDescription("List the stacks of the organization"))

const showStack = Command.make(
  "show",
  { name: stackName },
  Effect.fn(function* (given) {
    const { client, organization } = yield* connectToOrganization
    yield* show(yield* client.stacks.get({ params: { organization, stack: given.name } }), stackStatus)
  }),
).pipe(Command.withDescription("Show a stack: its services, secrets by their names, and revisions"))

const secret = Command.make(
  "secret",
  {
    name: stackName,
    secret: Argument.String("secret").pipe(Argument.withDescription("Such as db.password")),
  },
  Effect.fn(function* (given) {
    const { client, organization } = yield* connectToOrganization
    const params = { organization, stack: given.name, secret: given.secret }
    yield* show(yield* client.stacks.reveal({ params }), ({ value }) => value)
  }),
).pipe(Command.withDescription("Print a secret of a stack; the stack remembers when that was, and who asked"))

export const stacks = Command.make("stacks").pipe(
  Command.withDescription("Several services that are deployed, updated, rolled back and deleted as one"),
  Command.withSubcommands([
    list,
    templates,
    create,
    showStack,
    update,
    rollBack,
    deleteStack,
    secret,
    rotate,
    add,
    validate,
    publish,
    withdraw,
    remove,
  ]),
)
