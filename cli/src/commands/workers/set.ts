import { UpdateWorker } from "@skypanel/contract/api/WorkersGroup"
import type { Worker } from "@skypanel/contract/Worker"
import { Effect, Option } from "effect"
import { Command, Flag } from "effect/cli"
import { checked, type Issue } from "../../checked.ts"
import { BadInput } from "../../Failure.ts"
import { changedLabels, labelFlag } from "../../labels.ts"
import { connect } from "../../Platform.ts"
import { workerNaming } from "../../render/worker.ts"
import { show } from "../../show.ts"
import { workerName } from "./workerName.ts"

const setFlags = {
  newName: Flag.String("name").pipe(
    Flag.withMetavar("NEW"),
    Flag.optional,
    Flag.withDescription("Call it otherwise"),
  ),
  region: Flag.String("region").pipe(
    Flag.withMetavar("REGION"),
    Flag.optional,
    Flag.withDescription("Where it stands, in your own words, such as fra1"),
  ),
  noRegion: Flag.Boolean("no-region").pipe(
    Flag.withDefault(false),
    Flag.withoutNegation,
    Flag.withDescription("It stands nowhere in particular"),
  ),
  label: labelFlag,
  removeLabel: Flag.String("remove-label").pipe(
    Flag.withMetavar("NAME"),
    Flag.atLeast(0),
    Flag.withDescription("Take a label away (repeatable)"),
  ),
}

interface Given {
  readonly newName: Option.Option<string>
  readonly region: Option.Option<string>
  readonly noRegion: boolean
  readonly label: ReadonlyArray<string>
  readonly removeLabel: ReadonlyArray<string>
}

const refuse = (message: string, next: string) => new BadInput({ message, next, issues: [] })

const checkGiven = (given: Given) => {
  const labels = given.label.length + given.removeLabel.length
  if (Option.isSome(given.region) && given.noRegion)
    return Effect.fail(refuse("--region and --no-region cannot be used together.", "Choose one of them."))
  if (Option.isNone(given.newName) && Option.isNone(given.region) && !given.noRegion && labels === 0)
    return Effect.fail(
      refuse("Nothing says what to change.", "Add --name, --region, --no-region, --label or --remove-label."),
    )
  return Effect.void
}

/** What the flags name; what they leave out stays. */
const updateRequest = (given: Given, worker: Worker) => {
  const issues: Array<Issue> = []
  const request = {
    ...(Option.isSome(given.newName) && { name: given.newName.value }),
    ...(Option.isSome(given.region) && { region: given.region.value }),
    ...(given.noRegion && { region: null }),
    ...(given.label.length + given.removeLabel.length > 0 && {
      labels: changedLabels(worker.labels, { set: given.label, remove: given.removeLabel }, issues),
    }),
  }
  return checked(UpdateWorker, request, issues, "skypanel workers set")
}

export const setWorker = Command.make(
  "set",
  { name: workerName, ...setFlags },
  Effect.fn(function* (given) {
    yield* checkGiven(given)
    const { client } = yield* connect
    const params = { worker: given.name }
    const payload = yield* Effect.fromResult(updateRequest(given, yield* client.workers.get({ params })))
    const worker = yield* client.workers.update({ params, payload })
    yield* show(worker, workerNaming)
  }),
).pipe(Command.withDescription("Change a worker's name, region or labels; what is not named stays"))
