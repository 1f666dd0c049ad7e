import { readFile } from "node:fs/promises"
import { join } from "node:path"
import { checkWaitMost, type StartCheck } from "@skypanel/contract/Check"
import type { CheckId } from "@skypanel/contract/Id"
import { Effect, Option } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { readExpression } from "../expression.ts"
import { BadInput, ProblemsFound } from "../Failure.ts"
import { bringFolder } from "../folder/bringFolder.ts"
import { listFolder } from "../folder/listFolder.ts"
import { whileAway } from "../follow.ts"
import { connectToOrganization, type Place } from "../Platform.ts"
import { checkLines, type SourceLine } from "../render/check.ts"
import { show } from "../show.ts"

interface Given {
  readonly file: Option.Option<string>
  readonly dir: Option.Option<string>
  readonly service: Option.Option<string>
}

/** What is checked, and how its files are called and read here. */
interface Wanted {
  readonly payload: StartCheck
  readonly fileName: (file: string) => string
  readonly sourceLine: SourceLine
}

const lineOf = (text: string, line: number) => text.split(/\r?\n/)[line - 1] ?? null

const ofFile = Effect.fnUntraced(function* (file: string) {
  const expression = yield* readExpression(file)
  const wanted: Wanted = {
    payload: { source: { _tag: "expression", expression } },
    fileName: () => (file === "-" ? "standard input" : file),
    sourceLine: (_, line) => lineOf(expression, line),
  }
  return wanted
})

const ofFolder = Effect.fnUntraced(function* (place: Place, dir: string) {
  const folder = yield* listFolder(dir)
  // Only what was sent: the platform's answer names no other file of this machine.
  const nix = folder.entries.filter(({ path }) => path.endsWith(".nix"))
  const texts = new Map(
    yield* Effect.promise(() =>
      Promise.all(
        nix.map(
          async ({ path }) =>
            [path, await readFile(join(folder.root, path), "utf8").catch(() => "")] as const,
        ),
      ),
    ),
  )
  const wanted: Wanted = {
    payload: { source: yield* bringFolder(place, folder) },
    fileName: (file) => join(dir, file),
    sourceLine: (file, line) => lineOf(texts.get(file) ?? "", line),
  }
  return wanted
})

const wantedOf = Effect.fnUntraced(function* (place: Place, { file, dir, service }: Given) {
  if ([file, dir, service].filter(Option.isSome).length !== 1)
    return yield* new BadInput({
      message: "Say what shall be checked: a file, --dir or --service.",
      next: "For example: skypanel check web.nix",
      issues: [],
    })
  if (Option.isSome(file)) return yield* ofFile(file.value)
  if (Option.isSome(dir)) return yield* ofFolder(place, dir.value)
  const ofService: Wanted = {
    payload: { service: Option.getOrThrow(service) },
    fileName: (file) => file,
    sourceLine: () => null,
  }
  return ofService
})

const ended = ({ client, organization }: Place, check: CheckId) =>
  Effect.gen(function* () {
    for (;;) {
      const request = client.checks.get({ params: { organization, check }, query: { wait: checkWaitMost } })
      const now = yield* whileAway(request)
      if (now.state === "done") return now
    }
  })

export const check = Command.make(
  "check",
  {
    file: Argument.String("file").pipe(
      Argument.optional,
      Argument.withDescription("A Nix expression; - reads it from standard input"),
    ),
    dir: Flag.String("dir").pipe(
      Flag.withMetavar("FOLDER"),
      Flag.withDescription("Check a folder of this machine, such as . for this one"),
      Flag.optional,
    ),
    service: Flag.String("service").pipe(
      Flag.withMetavar("NAME"),
      Flag.withDescription("Check what the service is made from"),
      Flag.optional,
    ),
  },
  Effect.fn(function* (given) {
    const place = yield* connectToOrganization
    const { payload, fileName, sourceLine } = yield* wantedOf(place, given)
    const { id } = yield* place.client.checks.start({ params: { organization: place.organization }, payload })
    const found = yield* ended(place, id)
    yield* show(found, checkLines(fileName, sourceLine))
    if (found.diagnostics.length > 0)
      return yield* new ProblemsFound({
        message: "It cannot be built like this.",
        next: "Correct it, and check it again.",
      })
  }),
).pipe(
  Command.withDescription(
    "Evaluate a Nix expression, a folder or a service's source on a builder without deploying it: what is wrong and where, or every package that it needs. Exit code 1 when something is wrong.",
  ),
  Command.withShortDescription("See what is wrong with a source, or which packages it needs"),
  Command.withExamples([
    { command: "skypanel check web.nix", description: "A Nix expression" },
    { command: "skypanel check --dir .", description: "The folder you are in" },
    { command: "skypanel check --service shop", description: "What a service is made from" },
  ]),
)
