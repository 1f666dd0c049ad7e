import { type CacheKey, youngKey } from "@skypanel/contract/CacheKey"
import { Clock, Effect } from "effect"
import { Argument, Command } from "effect/cli"
import { confirmed, yes } from "../../confirm.ts"
import { connect } from "../../Platform.ts"
import { cacheKeyList } from "../../render/cacheKey.ts"
import { formatDuration } from "../../render/time.ts"
import { Screen } from "../../Screen.ts"
import { show } from "../../show.ts"

const rotate = Command.make(
  "rotate",
  { yes },
  Effect.fn(function* (given) {
    const screen = yield* Screen
    const { client } = yield* connect
    const asked = {
      question:
        "Make a new key that signs from now on? The others sign beside it until you retire them; tell every machine that reads the cache of it meanwhile.",
      whether: "a new key may be made",
      verb: "make it",
    }
    if (!given.yes && !(yield* confirmed(asked))) return yield* screen.note("Nothing was changed.")
    yield* show(yield* client.cacheKeys.rotate(), cacheKeyList)
  }),
).pipe(
  Command.withDescription(
    "Make a new key. It signs what comes from now on, and in the background what is there; the keys of before go on signing beside it until they are retired. Asks before, unless --yes.",
  ),
  Command.withShortDescription("Make a new key that signs; asks before, unless --yes"),
)

/** What is asked before a key is retired; says so when machines may still depend on it. */
export const retireQuestion = (name: string, keys: ReadonlyArray<CacheKey>, now: number): string => {
  const young = youngKey(keys, now)
  const warning =
    young === null
      ? ""
      : ` ${young.name} is ${formatDuration(now - Date.parse(young.createdAt))} old: Nix remembers for 30 days what was said of a path, and machines that trust ${young.name} alone refuse what they remember from before it.`
  return `Retire ${name}? Machines that trust it alone take nothing from the cache any more, and its secret half is deleted.${warning}`
}

const retire = Command.make(
  "retire",
  {
    name: Argument.String("name").pipe(Argument.withDescription("Name of the key, such as skypanel-1")),
    yes,
  },
  Effect.fn(function* (given) {
    const screen = yield* Screen
    const { client } = yield* connect
    const asked = {
      question: retireQuestion(given.name, yield* client.cacheKeys.list(), yield* Clock.currentTimeMillis),
      whether: `${given.name} may be retired`,
      verb: "retire it",
    }
    if (!given.yes && !(yield* confirmed(asked))) return yield* screen.note("Nothing was changed.")
    yield* show(yield* client.cacheKeys.retire({ params: { name: given.name } }), cacheKeyList)
  }),
).pipe(
  Command.withDescription(
    "End a key that another one has taken the place of: its signatures are taken away and its secret half is deleted. Asks before, unless --yes.",
  ),
  Command.withShortDescription("End a key; asks before, unless --yes"),
)

export const keys = Command.make(
  "keys",
  {},
  Effect.fn(function* () {
    const { client } = yield* connect
    yield* show(yield* client.cacheKeys.list(), cacheKeyList)
  }),
).pipe(
  Command.withDescription(
    "List the keys that sign what is in the binary cache, newest first. Machines that read the cache trust all that are not retired.",
  ),
  Command.withShortDescription("List the keys that sign, make a new one, retire one"),
  Command.withSubcommands([rotate, retire]),
)
