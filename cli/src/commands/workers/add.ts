import { AgentRuntime, CreateInstallation, defaultRoles } from "@skypanel/contract/Installation"
import { WorkerRole } from "@skypanel/contract/Worker"
import { Effect, Option } from "effect"
import { Command, Flag } from "effect/cli"
import { checked, type Issue } from "../../checked.ts"
import { changedLabels, labelFlag } from "../../labels.ts"
import { connect } from "../../Platform.ts"
import { installingFlags, showInstalling } from "./installing.ts"

const text = (name: string, metavar: string, description: string) =>
  Flag.String(name).pipe(Flag.withMetavar(metavar), Flag.optional, Flag.withDescription(description))

const workerFlags = {
  name: text("name", "NAME", "What to call it (default: the machine's own host name)"),
  role: Flag.Literals("role", WorkerRole.literals).pipe(
    Flag.atLeast(0),
    Flag.withDescription(`What it does (repeatable; default: ${defaultRoles.join(" and ")})`),
  ),
  label: labelFlag,
  region: text("region", "REGION", "Where it stands, in your own words, such as fra1"),
  runtime: Flag.Literals("runtime", AgentRuntime.literals).pipe(
    Flag.optional,
    Flag.withDescription("What runs the agent (default: deno, with only the permissions that it needs)"),
  ),
  allowFrom: text("allow-from", "RANGE", "Only a machine of these addresses may use it: 192.0.2.0/24"),
}

type WorkerFlags = {
  readonly [K in "name" | "region" | "runtime" | "allowFrom"]: Option.Option<string>
} & { readonly role: ReadonlyArray<WorkerRole>; readonly label: ReadonlyArray<string> }

/** Only what was said, so that the platform's own defaults hold. */
const installationRequest = (given: WorkerFlags) => {
  const issues: Array<Issue> = []
  const request = {
    ...(Option.isSome(given.name) && { name: given.name.value }),
    ...(given.role.length > 0 && { roles: [...new Set(given.role)] }),
    ...(given.label.length > 0 && { labels: changedLabels({}, { set: given.label, remove: [] }, issues) }),
    ...(Option.isSome(given.region) && { region: given.region.value }),
    ...(Option.isSome(given.runtime) && { runtime: given.runtime.value }),
    ...(Option.isSome(given.allowFrom) && { allowFrom: given.allowFrom.value }),
  }
  return checked(CreateInstallation, request, issues, "skypanel workers add")
}

export const addWorker = Command.make(
  "add",
  { ...workerFlags, ...installingFlags },
  Effect.fn(function* (given) {
    const payload = yield* Effect.fromResult(installationRequest(given))
    const { client } = yield* connect
    yield* showInstalling(client, client.installations.create({ payload }), given)
  }),
).pipe(
  Command.withDescription(
    "Add a worker: prints one command to paste into a root shell of a fresh machine. It holds a token that works once, within an hour, and is shown only now.",
  ),
  Command.withShortDescription("Add a worker by one command to paste"),
  Command.withExamples([
    { command: "skypanel workers add --wait", description: "The command, then how it goes" },
    {
      command: "skypanel workers add --name fra1-a --role services --role builder --region fra1",
      description: "A worker that also builds",
    },
    { command: "skypanel workers add --nixos", description: "For a NixOS machine of your own" },
  ]),
)
