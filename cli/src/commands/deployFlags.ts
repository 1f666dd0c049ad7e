import type { Source } from "@skypanel/contract/Source"
import { Effect, Option } from "effect"
import { Flag } from "effect/cli"
import { readExpression } from "../expression.ts"
import { BadInput } from "../Failure.ts"
import { option } from "./templates/update.ts"

const text = (name: string, metavar: string, description: string) =>
  Flag.String(name).pipe(Flag.withMetavar(metavar), Flag.withDescription(description), Flag.optional)

export const sourceFlags = {
  template: text("template", "TEMPLATE", "Start from a template; `skypanel templates` lists them"),
  git: text("git", "URL", "Start from a Git repository (https or ssh)"),
  option,
  ref: text("ref", "REF", "With --git: branch, tag or commit (default: the repository's own)"),
  submodules: Flag.Boolean("submodules").pipe(
    Flag.optional,
    Flag.withDescription("Of a Git repository: fetch its submodules too"),
  ),
  lfs: Flag.Boolean("lfs").pipe(
    Flag.optional,
    Flag.withDescription("Of a Git repository: fetch its files in Git LFS too"),
  ),
  tokenFile: text(
    "token-file",
    "FILE",
    "With --git, for a private repository over https: the access token; - asks for it, or reads standard input",
  ),
  username: text("username", "NAME", "With --token-file: the user name, where the host wants a certain one"),
  deployKey: Flag.Boolean("deploy-key").pipe(
    Flag.withDefault(false),
    Flag.withoutNegation,
    Flag.withDescription(
      "With --git, for a private repository over ssh: make a deploy key, and go on when the host takes it",
    ),
  ),
  dir: text(
    "dir",
    "FOLDER",
    "Start from a folder of this machine, such as . for this one; what .gitignore names stays here",
  ),
  image: text("image", "REFERENCE", "Start from an image of a registry, such as nginx:1.27"),
  expression: text("expression", "FILE", "Start from a Nix expression; - reads it from standard input"),
}

export const overrideFlag = {
  override: Flag.String("override").pipe(
    Flag.withMetavar("KEY=VALUE"),
    Flag.withDescription(
      "How a repository or folder is built and started, before its skypanel.toml: such as build.path=apps/web, build.command=…, start.command=… or start.process=worker. An empty value takes it back (repeatable)",
    ),
    Flag.atLeast(0),
  ),
}

export const configurationFlags = {
  env: Flag.String("env").pipe(
    Flag.withAlias("e"),
    Flag.withMetavar("NAME=VALUE"),
    Flag.withDescription("Set an environment variable (repeatable)"),
    Flag.atLeast(0),
  ),
  unset: Flag.String("unset").pipe(
    Flag.withMetavar("NAME"),
    Flag.withDescription("Take an environment variable away (repeatable)"),
    Flag.atLeast(0),
  ),
  cpu: Flag.Finite("cpu").pipe(
    Flag.withMetavar("CORES"),
    Flag.optional,
    Flag.withDescription("CPU cores, such as 0.5"),
  ),
  memory: text("memory", "SIZE", "Memory, such as 256MiB"),
  storage: text("storage", "SIZE", "Writable space in /tmp, such as 64MiB"),
  port: Flag.Int("port").pipe(
    Flag.withMetavar("PORT"),
    Flag.optional,
    Flag.withDescription("Port that it listens on"),
  ),
  noPort: Flag.Boolean("no-port").pipe(
    Flag.withDefault(false),
    Flag.withoutNegation,
    Flag.withDescription(
      "It listens on none, as a worker or a bot: no URL, and live once its process has stayed up",
    ),
  ),
  healthPath: text("health-path", "PATH", 'Path that must answer before it is live; "" for none'),
  replicas: Flag.Int("replicas").pipe(
    Flag.withMetavar("N"),
    Flag.optional,
    Flag.withDescription("How many instances of it run, 1 to 20"),
  ),
}

export const volumeFlags = {
  volume: text(
    "volume",
    "PATH:SIZE",
    "A folder that outlives the instance, such as /data:1GiB. When its worker is lost the service waits for it (:wait behind the size), or starts elsewhere without the data (:start-empty)",
  ),
  noVolume: Flag.Boolean("no-volume").pipe(
    Flag.withDefault(false),
    Flag.withoutNegation,
    Flag.withDescription("No volume any more"),
  ),
}

type SourceFlags = Readonly<
  Record<"template" | "git" | "ref" | "dir" | "image" | "expression", Option.Option<string>>
> & { readonly option: ReadonlyArray<string> }

const usage = (message: string, next: string) => new BadInput({ message, next, issues: [] })

export const sourceOf = Effect.fnUntraced(function* (given: SourceFlags) {
  const chosen = (["template", "git", "dir", "image", "expression"] as const).filter((name) =>
    Option.isSome(given[name]),
  )
  if (chosen.length > 1)
    return yield* usage(
      `${chosen.map((name) => `--${name}`).join(" and ")} cannot be used together.`,
      "A service has one source: choose one of them.",
    )
  if (Option.isSome(given.ref) && Option.isNone(given.git))
    return yield* usage(
      "--ref says which revision of a Git repository.",
      "Add --git URL, or leave --ref out.",
    )
  if (given.option.length > 0 && Option.isNone(given.template))
    return yield* usage(
      "--option chooses something of a template.",
      "Add --template T, or leave --option out.",
    )
  if (Option.isSome(given.template))
    return { _tag: "template", template: given.template.value } satisfies Source
  if (Option.isSome(given.git))
    return { _tag: "git", url: given.git.value, ref: Option.getOrNull(given.ref) } satisfies Source
  if (Option.isSome(given.image)) return { _tag: "image", reference: given.image.value } satisfies Source
  if (Option.isSome(given.expression))
    return { _tag: "expression", expression: yield* readExpression(given.expression.value) } satisfies Source
  return null
})

export const portOf = Effect.fnUntraced(function* (given: {
  readonly port: Option.Option<number>
  readonly noPort: boolean
}) {
  if (Option.isNone(given.port)) return given.noPort ? "none" : null
  if (given.noPort)
    return yield* usage("--port and --no-port cannot be used together.", "Choose one of them.")
  return given.port.value
})

export const volumeOf = Effect.fnUntraced(function* (given: {
  readonly volume: Option.Option<string>
  readonly noVolume: boolean
}) {
  if (Option.isNone(given.volume)) return given.noVolume ? "none" : null
  if (given.noVolume)
    return yield* usage("--volume and --no-volume cannot be used together.", "Choose one of them.")
  return { text: given.volume.value }
})
