import { isFinished } from "@skypanel/contract/Deployment"
import type { LogLine } from "@skypanel/contract/Log"
import { Effect, Option, Stream } from "effect"
import { Command, Flag } from "effect/cli"
import { builds, followBuildLog } from "../buildLog.ts"
import { NothingThere } from "../Failure.ts"
import { Json } from "../flags.ts"
import { connectToOrganization, type Place } from "../Platform.ts"
import { serviceLogLine } from "../render/log.ts"
import type { Style } from "../render/style.ts"
import { logText } from "../render/text.ts"
import { Screen } from "../Screen.ts"
import { followServiceLog } from "../serviceLog.ts"
import { show } from "../show.ts"
import { writeNew } from "../writeNew.ts"
import { name } from "./name.ts"
import { ordinalFlag } from "./ordinal.ts"

type Render = (line: LogLine, style: Style) => string

const buildLine: Render = (line, style) => logText(line.text, style)

/** Prints lines as they come. */
const printing = (render: Render) =>
  Effect.gen(function* () {
    const screen = yield* Screen
    const json = yield* Json
    return (line: LogLine) => screen.print(json ? JSON.stringify(line) : render(line, screen.out))
  })

const showAll = (lines: ReadonlyArray<LogLine>, render: Render) =>
  show(lines, (lines, view) => lines.map((line) => render(line, view.style)))

/** The deployment whose build is meant: the one that was named, else the newest that built. */
const buildOf = Effect.fnUntraced(function* (place: Place, service: string, number: number | null) {
  const params = { organization: place.organization, service }
  const deployments = yield* place.client.deployments.list({ params })
  const found = deployments.find((each) => (number === null ? builds(each) : each.number === number))
  if (found === undefined || !builds(found))
    return yield* new NothingThere({
      message:
        number === null ? `${service} was never built.` : `Deployment ${number} of ${service} built nothing.`,
      next: `See its deployments: skypanel deployments ${service}`,
    })
  return found
})

/** A build that goes on has no end to wait for: its log is shown as far as it is, which its silence tells. */
const silence = (finished: boolean) => (finished ? "20 seconds" : "700 millis")

const buildLog = Effect.fnUntraced(function* (
  place: Place,
  service: string,
  options: { readonly deployment: number | null; readonly follow: boolean; readonly lines: number | null },
) {
  const { number, status } = yield* buildOf(place, service, options.deployment)
  const params = { organization: place.organization, service, number }
  if (options.follow) return yield* followBuildLog(place.client, params, yield* printing(buildLine))
  const log = yield* place.client.deployments.followLog({ params, query: {} })
  const lines = yield* log.pipe(
    Stream.timeout(silence(isFinished(status))),
    options.lines === null ? (lines) => lines : Stream.takeRight(options.lines),
    Stream.runCollect,
  )
  yield* showAll(lines, buildLine)
})

/** Where there is such a file already, that stays, and nothing is written. */
const downloadBuildLog = Effect.fnUntraced(function* (
  place: Place,
  service: string,
  deployment: number | null,
) {
  const { number } = yield* buildOf(place, service, deployment)
  const params = { organization: place.organization, service, number }
  const file = `${service}-${number}-build.log`
  const log = yield* place.client.deployments.downloadLog({ params })
  const bytes = yield* Stream.runCollect(log)
  yield* writeNew(file, bytes)
  yield* show({ file }, () => file)
})

const serviceLog = Effect.fnUntraced(function* (
  { client, organization }: Place,
  service: string,
  options: { readonly follow: boolean; readonly lines: number },
) {
  const params = { organization, service }
  if (options.follow)
    return yield* followServiceLog(client, params, options.lines, yield* printing(serviceLogLine))
  yield* showAll(yield* client.services.logs({ params, query: { lines: options.lines } }), serviceLogLine)
})

const lines = Flag.Int("lines").pipe(
  Flag.withAlias("n"),
  Flag.withMetavar("N"),
  Flag.filter(
    (count) => count >= 0 && count <= 10_000,
    () => "write a number of lines between 0 and 10000",
  ),
  Flag.optional,
  Flag.withDescription("How many of the newest lines (default 100; of a build: all)"),
)

export const logs = Command.make(
  "logs",
  {
    name,
    build: Flag.Boolean("build").pipe(
      Flag.withDefault(false),
      Flag.withoutNegation,
      Flag.withDescription("The log of the newest build instead of the running service's"),
    ),
    deployment: ordinalFlag("deployment").pipe(
      Flag.withMetavar("N"),
      Flag.optional,
      Flag.withDescription("With --build: which deployment's"),
    ),
    follow: Flag.Boolean("follow").pipe(
      Flag.withAlias("f"),
      Flag.withDefault(false),
      Flag.withoutNegation,
      Flag.withDescription("Go on with new lines as they come"),
    ),
    lines,
    download: Flag.Boolean("download").pipe(
      Flag.withDefault(false),
      Flag.withoutNegation,
      Flag.withDescription("With --build: write all of it to a file here, SERVICE-N-build.log"),
    ),
  },
  Effect.fn(function* (given) {
    const place = yield* connectToOrganization
    if (given.download) return yield* downloadBuildLog(place, given.name, Option.getOrNull(given.deployment))
    if (given.build || Option.isSome(given.deployment))
      return yield* buildLog(place, given.name, {
        deployment: Option.getOrNull(given.deployment),
        follow: given.follow,
        lines: Option.getOrNull(given.lines),
      })
    yield* serviceLog(place, given.name, {
      follow: given.follow,
      lines: Option.getOrElse(given.lines, () => 100),
    })
  }),
).pipe(
  Command.withDescription("Show what a service prints, or the log of its build"),
  Command.withExamples([
    { command: "skypanel logs hello -f", description: "Follow the running service" },
    { command: "skypanel logs hello --build", description: "The newest build" },
    {
      command: "skypanel logs hello --deployment 7 --download",
      description: "All of deployment 7's build, as a file",
    },
  ]),
)
