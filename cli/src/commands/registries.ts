import { GiveRegistryCredential } from "@skypanel/contract/RegistryCredential"
import { Effect } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { checked } from "../checked.ts"
import { connectToOrganization } from "../Platform.ts"
import { registryList } from "../render/registries.ts"
import { readSecret } from "../secretInput.ts"
import { show } from "../show.ts"

const registry = Argument.String("registry").pipe(
  Argument.withDescription("Host of the registry, such as ghcr.io; docker.io for Docker Hub"),
)

const list = Command.make(
  "list",
  {},
  Effect.fn(function* () {
    const { client, organization } = yield* connectToOrganization
    yield* show(yield* client.registries.list({ params: { organization } }), registryList)
  }),
).pipe(Command.withDescription("List the registries that the organization has a credential for"))

const add = Command.make(
  "add",
  {
    registry,
    username: Flag.String("username").pipe(
      Flag.withMetavar("NAME"),
      Flag.withDescription("Name that the registry knows you by"),
    ),
  },
  Effect.fn(function* (given) {
    const { client, organization } = yield* connectToOrganization
    const password = yield* readSecret("Password or token")
    const request = { registry: given.registry, username: given.username, password }
    const payload = yield* Effect.fromResult(
      checked(GiveRegistryCredential, request, [], "skypanel registries add"),
    )
    yield* show(yield* client.registries.give({ params: { organization }, payload }), registryList)
  }),
).pipe(
  Command.withDescription(
    "Give what private images of a registry are fetched with, in place of what was given before; the password or token is asked for, or read from standard input",
  ),
  Command.withShortDescription("Give a registry's credential"),
  Command.withExamples([
    {
      command: "skypanel registries add ghcr.io --username acme-robot < token.txt",
      description: "From a file, which nobody sees on the command line",
    },
  ]),
)

const remove = Command.make(
  "remove",
  { registry },
  Effect.fn(function* (given) {
    const { client, organization } = yield* connectToOrganization
    const params = { organization, registry: given.registry }
    yield* show(yield* client.registries.remove({ params }), registryList)
  }),
).pipe(Command.withDescription("Delete a registry's credential; what is mirrored already stays"))

export const registries = Command.make("registries").pipe(
  Command.withDescription("Credentials for the registries that the organization's private images are in"),
  Command.withShortDescription("Credentials for registries of images"),
  Command.withSubcommands([list, add, remove]),
)
