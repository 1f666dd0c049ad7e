import { Effect, Option } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { BadInput } from "../../Failure.ts"
import { connect } from "../../Platform.ts"
import { show } from "../../show.ts"

export const read = Command.make(
  "read",
  {
    id: Argument.String("id").pipe(Argument.optional, Argument.withDescription("Id of the notification")),
    all: Flag.Boolean("all").pipe(
      Flag.withDefault(false),
      Flag.withoutNegation,
      Flag.withDescription("All that were not read"),
    ),
  },
  Effect.fn(function* (given) {
    if (Option.isSome(given.id) === given.all)
      return yield* new BadInput({
        message: given.all ? "An id and --all cannot be used together." : "Nothing says which was read.",
        next: "Give one id, or --all; `skypanel notifications --unread` lists them.",
        issues: [],
      })
    const { client } = yield* connect
    const list = Option.isSome(given.id)
      ? yield* client.notifications.read({ params: { notification: given.id.value } })
      : yield* client.notifications.readAll()
    yield* show(list, ({ unread }) => (unread === 0 ? "All are read." : `${unread} are unread.`))
  }),
).pipe(Command.withDescription("Mark a notification as read, or all of them"))
