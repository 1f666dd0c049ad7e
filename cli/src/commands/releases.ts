import type { Release } from "@skypanel/contract/Release"
import { Effect, Option } from "effect"
import { Argument, Command } from "effect/cli"
import { NothingThere } from "../Failure.ts"
import * as flags from "../flags.ts"
import { connectToOrganization } from "../Platform.ts"
import { releaseList } from "../render/release.ts"
import { show } from "../show.ts"
import { showStarted } from "../started.ts"
import { name } from "./name.ts"

export const releases = Command.make(
  "releases",
  { name },
  Effect.fn(function* (given) {
    const { client, organization } = yield* connectToOrganization
    const params = { organization, service: given.name }
    yield* show(yield* client.deployments.releases({ params }), releaseList)
  }),
).pipe(Command.withDescription("List the releases of a service"))

/** The one before the current; the newest when none serves. */
export const releaseBefore = (releases: ReadonlyArray<Release>): number | null => {
  const current = releases.find((release) => release.current)?.number ?? Number.POSITIVE_INFINITY
  const before = releases.map((release) => release.number).filter((number) => number < current)
  return before.length === 0 ? null : Math.max(...before)
}

export const rollback = Command.make(
  "rollback",
  {
    name,
    release: Argument.Int("release").pipe(
      Argument.optional,
      Argument.withDescription("Number of the release (default: the one before the current)"),
    ),
    wait: flags.wait,
    timeout: flags.timeout,
  },
  Effect.fn(function* (given) {
    const place = yield* connectToOrganization
    const params = { organization: place.organization, service: given.name }
    const number = Option.isSome(given.release)
      ? given.release.value
      : releaseBefore(yield* place.client.deployments.releases({ params }))
    if (number === null)
      return yield* new NothingThere({
        message: `${given.name} has no release before the current one.`,
        next: `See what there is: skypanel releases ${given.name}`,
      })
    const request = place.client.deployments.rollback({ params: { ...params, number } })
    yield* showStarted(place, request, given)
  }),
).pipe(Command.withDescription("Deploy an earlier release as it was: image, configuration and resources"))
