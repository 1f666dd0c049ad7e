import { Effect, Option } from "effect"
import { Argument, Command } from "effect/cli"
import { type Issue, refuse } from "../checked.ts"
import { credentialWish, withCredential } from "../firstCredential.ts"
import * as flags from "../flags.ts"
import { bringFolder } from "../folder/bringFolder.ts"
import { listFolder } from "../folder/listFolder.ts"
import { optionValues } from "../optionValues.ts"
import { connectToOrganization, type Place } from "../Platform.ts"
import { showStarted } from "../started.ts"
import { waitingTime } from "../waiting.ts"
import { createRequest, type DeployFlags, saysNothing, templateToRead, updateRequest } from "../wish.ts"
import {
  configurationFlags,
  overrideFlag,
  portOf,
  sourceFlags,
  sourceOf,
  volumeFlags,
  volumeOf,
} from "./deployFlags.ts"

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
      port: yield* portOf(given),
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
      command: "skypanel deploy bot --git https://github.com/example/bot.git --no-port --wait",
      description: "A bot, which listens on no port and has no URL",
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
