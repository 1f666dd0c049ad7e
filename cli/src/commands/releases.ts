import type { Release } from "@skypanel/contract/Release"
import { Effect, Option } from "effect"
import { Argument, Command } from "effect/cli"
import { refuse } from "../checked.ts"
import { confirmed, yes } from "../confirm.ts"
import { NothingThere } from "../Failure.ts"
import * as flags from "../flags.ts"
import { type Client, connectToOrganization } from "../Platform.ts"
import { releaseList, watchLine, watchSeconds } from "../render/release.ts"
import { comparisonLines, packageLines } from "../render/releaseComparison.ts"
import { goingLines, keepLine, keptReleases } from "../render/retention.ts"
import { secretsOfNow } from "../render/secretsOfNow.ts"
import { Screen } from "../Screen.ts"
import { show } from "../show.ts"
import { showStarted } from "../started.ts"
import { name } from "./name.ts"
import { ordinal } from "./ordinal.ts"

interface Numbered {
  readonly organization: string
  readonly service: string
  readonly number: number
}

const number = (name: string) => ordinal(name).pipe(Argument.withDescription("Number of the release"))

const packages = Command.make(
  "packages",
  { name, release: number("release") },
  Effect.fn(function* (given) {
    const { client, organization } = yield* connectToOrganization
    const params = { organization, service: given.name, number: given.release }
    yield* show(yield* client.releases.packages({ params }), packageLines)
  }),
).pipe(Command.withDescription("List what a release is made of: packages with version and size"))

const compare = Command.make(
  "compare",
  {
    name,
    before: number("before"),
    after: ordinal("after").pipe(
      Argument.optional,
      Argument.withDescription("Number of the release to compare it with (default: the one that serves)"),
    ),
  },
  Effect.fn(function* (given) {
    const { client, organization } = yield* connectToOrganization
    const params = { organization, service: given.name, number: given.before }
    const query = Option.isSome(given.after) ? { with: given.after.value } : {}
    yield* show(yield* client.releases.compare({ params, query }), comparisonLines)
  }),
).pipe(Command.withDescription("Show what changed from one release to another: packages and configuration"))

/** A document for programs: as JSON also where nobody asked for it. */
const paper = <const Name extends string>(
  command: Name,
  description: string,
  read: (client: Client, params: Numbered) => Effect.Effect<unknown, unknown>,
) =>
  Command.make(
    command,
    { name, release: number("release") },
    Effect.fn(function* (given) {
      const screen = yield* Screen
      const { client, organization } = yield* connectToOrganization
      const params = { organization, service: given.name, number: given.release }
      yield* screen.print(JSON.stringify(yield* read(client, params), null, 2))
    }),
  ).pipe(Command.withDescription(description))

const sbom = paper(
  "sbom",
  "Print a release's software bill of materials (CycloneDX 1.6, JSON)",
  (client, params) => client.releases.sbom({ params }),
)

const provenance = paper(
  "provenance",
  "Print the signed statement of what a release was built from (in-toto, SLSA, DSSE)",
  (client, params) => client.releases.provenance({ params }),
)

const watch = Command.make(
  "watch",
  {
    name,
    time: Argument.String("time").pipe(
      Argument.optional,
      Argument.withDescription(
        "How long, such as 5m, at most 1h; `off`: not at all (default: shows what it is)",
      ),
    ),
  },
  Effect.fn(function* (given) {
    const { client, organization } = yield* connectToOrganization
    const params = { organization, service: given.name }
    if (Option.isNone(given.time)) return yield* show(yield* client.services.get({ params }), watchLine)
    const seconds = watchSeconds(given.time.value)
    if (seconds === null)
      return yield* refuse(
        [{ path: "time", message: "write a time such as 90s or 5m, at most 1h, or `off`" }],
        "skypanel releases watch",
      )
    yield* show(yield* client.services.watch({ params, payload: { seconds } }), watchLine)
  }),
).pipe(
  Command.withDescription(
    "For how long new releases are looked after: one that turns bad gives way to the one before",
  ),
)

const keep = Command.make(
  "keep",
  {
    name,
    releases: Argument.String("releases").pipe(
      Argument.optional,
      Argument.withDescription(
        "How many, from 2 to 100; `all`: as many as there is room for (default: shows what it is)",
      ),
    ),
    yes,
  },
  Effect.fn(function* (given) {
    const { client, organization } = yield* connectToOrganization
    const params = { organization, service: given.name }
    if (Option.isNone(given.releases)) return yield* show(yield* client.services.get({ params }), keepLine)
    const releases = keptReleases(given.releases.value)
    if (releases === undefined)
      return yield* refuse(
        [{ path: "releases", message: "write a number from 2 to 100, or `all`" }],
        "skypanel releases keep",
      )
    const query = releases === null ? {} : { releases }
    const plan = yield* client.services.planRetention({ params, query })
    const screen = yield* Screen
    if (plan.releases.length > 0) {
      yield* screen.note(goingLines(plan))
      const asked = { question: "Let them go?", whether: "these releases may go", verb: "let them go" }
      if (!given.yes && !(yield* confirmed(asked))) return yield* screen.note("Nothing was changed.")
    }
    yield* show(yield* client.services.retain({ params, payload: { releases } }), keepLine)
  }),
).pipe(Command.withDescription("How many releases of a service are kept; says first which would go"))

export const releases = Command.make(
  "releases",
  { name },
  Effect.fn(function* (given) {
    const { client, organization } = yield* connectToOrganization
    const params = { organization, service: given.name }
    yield* show(yield* client.deployments.releases({ params }), releaseList)
  }),
).pipe(
  Command.withDescription("List the releases of a service, and see what is in them"),
  Command.withSubcommands([packages, compare, sbom, provenance, watch, keep]),
)

/** The one before the current that still has its image; the newest when none serves. */
export const releaseBefore = (releases: ReadonlyArray<Release>): number | null => {
  const current = releases.find((release) => release.current)?.number ?? Number.POSITIVE_INFINITY
  const before = releases.flatMap(({ number, imageGone }) => (number < current && !imageGone ? [number] : []))
  return before.length === 0 ? null : Math.max(...before)
}

export const rollback = Command.make(
  "rollback",
  {
    name,
    release: ordinal("release").pipe(
      Argument.optional,
      Argument.withDescription("Number of the release (default: the one before the current)"),
    ),
    wait: flags.wait,
    timeout: flags.timeout,
  },
  Effect.fn(function* (given) {
    const place = yield* connectToOrganization
    const params = { organization: place.organization, service: given.name }
    const releases = yield* place.client.deployments.releases({ params })
    const number = Option.isSome(given.release) ? given.release.value : releaseBefore(releases)
    if (number === null)
      return yield* new NothingThere({
        message: `${given.name} has no release before the current one.`,
        next: `See what there is: skypanel releases ${given.name}`,
      })
    const screen = yield* Screen
    const asNow = releases.find((release) => release.number === number)?.secretsOfNow ?? []
    const request = place.client.deployments
      .rollback({ params: { ...params, number } })
      .pipe(Effect.tap(() => screen.note(secretsOfNow(asNow))))
    yield* showStarted(place, request, given)
  }),
).pipe(Command.withDescription("Deploy an earlier release as it was: image, configuration and resources"))
