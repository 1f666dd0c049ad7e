import type { Source } from "@skypanel/contract/Source"
import { Effect, Option } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { type Issue, refuse } from "../checked.ts"
import { readExpression } from "../expression.ts"
import { BadInput } from "../Failure.ts"
import { credentialWish, withCredential } from "../firstCredential.ts"
import * as flags from "../flags.ts"
import { bringFolder } from "../folder/bringFolder.ts"
import { listFolder } from "../folder/listFolder.ts"
import { optionValues } from "../optionValues.ts"
import { connectToOrganization, type Place } from "../Platform.ts"
import { showStarted } from "../started.ts"
import { waitingTime } from "../waiting.ts"
import { createRequest, type DeployFlags, saysNothing, templateToRead, updateRequest } from "../wish.ts"
import { option } from "./templates/update.ts"

const text = (name: string, metavar: string, description: string) =>
  Flag.String(name).pipe(Flag.withMetavar(metavar), Flag.withDescription(description), Flag.optional)

const sourceFlags = {
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

const overrideFlag = {
  override: Flag.String("override").pipe(
    Flag.withMetavar("KEY=VALUE"),
    Flag.withDescription(
      "How a repository or folder is built and started, before its skypanel.toml: such as build.path=apps/web, build.command=…, start.command=… or start.process=worker. An empty value takes it back (repeatable)",
    ),
    Flag.atLeast(0),
  ),
}

const configurationFlags = {
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
  healthPath: text("health-path", "PATH", 'Path that must answer before it is live; "" for none'),
  replicas: Flag.Int("replicas").pipe(
    Flag.withMetavar("N"),
    Flag.optional,
    Flag.withDescription("How many instances of it run, 1 to 20"),
  ),
}

const volumeFlags = {
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

const sourceOf = Effect.fnUntraced(function* (given: SourceFlags) {
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

const volumeOf = Effect.fnUntraced(function* (given: {
  readonly volume: Option.Option<string>
  readonly noVolume: boolean
}) {
  if (Option.isNone(given.volume)) return given.noVolume ? "none" : null
  if (given.noVolume)
    return yield* usage("--volume and --no-volume cannot be used together.", "Choose one of them.")
  return { text: given.volume.value }
})

/** The options that are chosen, by the types that the template has for them. */
const withOptions = Effect.fnUntraced(function* ({ client, organization }: Place, wish: DeployFlags) {
  if (wish.options.length === 0 || wish.source?._tag !== "template") return wish
  const { template } = wish.source
  const templates = yield* client.templates.list({ params: { organization } })
  const issues: Array<Issue> = []
  const known = templates.find(({ name }) => name === template)?.options ?? []
  const options = optionValues(wish.options, known, issues)
  if (issues.length > 0) return yield* refuse(issues, "skypanel deploy")
  return { ...wish, source: { ...wish.source, options } }
})

const request = Effect.fnUntraced(function* (place: Place, given: DeployFlags) {
  const { client, organization } = place
  const wish = yield* withOptions(place, given)
  const params = { organization, service: wish.name }
  const service = yield* client.services
    .get({ params })
    .pipe(Effect.catchTag("NotFound", () => Effect.succeed(null)))
  if (service === null) {
    const name = templateToRead(wish)
    const templates = name === null ? [] : yield* client.templates.list({ params: { organization } })
    const template = templates.find((template) => template.name === name) ?? null
    const payload = yield* Effect.fromResult(createRequest(wish, template))
    return yield* client.services.create({ params: { organization }, payload })
  }
  if (saysNothing(wish)) return yield* client.services.redeploy({ params })
  const payload = yield* Effect.fromResult(updateRequest(wish, service))
  return yield* client.services.update({ params, payload })
})

export const deploy = Command.make(
  "deploy",
  {
    name: Argument.String("name").pipe(Argument.withDescription("Name of the service")),
    ...sourceFlags,
    ...overrideFlag,
    ...configurationFlags,
    ...volumeFlags,
    wait: flags.wait,
    timeout: flags.timeout,
  },
  Effect.fn(function* (given) {
    const source = yield* sourceOf(given)
    const folder = Option.isSome(given.dir) ? yield* listFolder(given.dir.value) : null
    const wish: DeployFlags = {
      name: given.name,
      source,
      overrides: given.override,
      submodules: Option.getOrNull(given.submodules),
      lfs: Option.getOrNull(given.lfs),
      credential: null,
      options: given.option,
      env: given.env,
      unset: given.unset,
      cpu: Option.getOrNull(given.cpu),
      memory: Option.getOrNull(given.memory),
      storage: Option.getOrNull(given.storage),
      port: Option.getOrNull(given.port),
      healthPath: Option.getOrNull(given.healthPath),
      replicas: Option.getOrNull(given.replicas),
      volume: yield* volumeOf(given),
    }
    const atMost = yield* waitingTime(given.timeout)
    const credential = yield* credentialWish(Option.getOrNull(given.git), given)
    const place = yield* connectToOrganization
    const started = Effect.gen(function* () {
      if (folder === null)
        return yield* withCredential(place, credential, atMost, (credential) =>
          request(place, { ...wish, credential }),
        )
      const source = yield* bringFolder(place, folder)
      return yield* request(place, { ...wish, source })
    })
    yield* showStarted(place, started, given)
  }),
).pipe(
  Command.withDescription(
    "Create a service and deploy it. If it exists: change what the flags name and deploy that, or, with nothing but the name, build its source again and deploy it.",
  ),
  Command.withShortDescription("Create a service, or change it, and deploy it"),
  Command.withExamples([
    { command: "skypanel deploy hello --template nodejs --wait", description: "From a template" },
    {
      command:
        "skypanel deploy shop --git https://github.com/example/shop.git --ref main --memory 512MiB --wait",
      description: "From a Git repository",
    },
    {
      command: "skypanel deploy shop --git https://git.example.com/acme/shop.git --token-file -",
      description: "From a private one: the token is asked for, and tried first",
    },
    {
      command: "skypanel deploy shop --submodules --lfs",
      description: "Fetch its submodules and LFS files too; --no-submodules and --no-lfs end that",
    },
    { command: "skypanel deploy shop --dir . --wait", description: "From the folder you are in" },
    {
      command:
        "skypanel deploy shop-worker --git https://github.com/example/shop.git --override start.process=worker",
      description: "Another process of the repository's Procfile, as a service of its own",
    },
    {
      command: "skypanel deploy cache --image ghcr.io/example/cache:1.4 --wait",
      description: "From an image of a registry",
    },
    {
      command: "skypanel deploy tool --expression tool.nix --port 3000",
      description: "From a Nix expression",
    },
    {
      command: "skypanel deploy hello --env GREETING=hi",
      description: "Change only a variable: nothing is built",
    },
    { command: "skypanel deploy hello --replicas 3", description: "Run three instances of it" },
    { command: "skypanel deploy notes --volume /data:1GiB", description: "Keep what it writes to /data" },
  ]),
)
