import { execFile } from "node:child_process"
import { Name } from "@skypanel/contract/Name"
import { Effect, Schema } from "effect"
import { Argument, Command } from "effect/cli"
import { BadInput } from "../../Failure.ts"
import { connectToOrganization } from "../../Platform.ts"
import { oneLine } from "../../render/text.ts"
import { show } from "../../show.ts"

const usage = (message: string, next: string) => new BadInput({ message, next, issues: [] })

/** Runs Git in the working directory; gives its exit code, 127 when there is none. */
const run = (...args: ReadonlyArray<string>) =>
  Effect.callback<number>((resume) => {
    execFile("git", args, (error) =>
      resume(Effect.succeed(error === null ? 0 : typeof error.code === "number" ? error.code : 127)),
    )
  })

const must = (...args: ReadonlyArray<string>) =>
  Effect.flatMap(run(...args), (code) =>
    code === 0
      ? Effect.void
      : Effect.fail(usage(`git ${args[0]} did not work.`, `Try it yourself: git ${args.join(" ")}`)),
  )

const quoted = (text: string) => `'${text.replaceAll("'", "'\\''")}'`

/** This program, as Git's shell starts it. */
const helper = () => `!${[process.execPath, process.argv[1] ?? ""].map(quoted).join(" ")} git credential`

export const remote = Command.make(
  "remote",
  { name: Argument.String("name").pipe(Argument.withDescription("Name of the service")) },
  Effect.fn(function* ({ name }) {
    if (!Schema.is(Name)(name))
      return yield* usage(
        `${JSON.stringify(name)} is no name of a service.`,
        "A name has 1 to 30 lower-case letters, digits and hyphens, and starts with a letter.",
      )
    const { connection, organization } = yield* connectToOrganization
    const inside = yield* run("rev-parse", "--git-dir")
    if (inside === 127) return yield* usage("Git is not installed.", "Install it, or use --dir to deploy.")
    if (inside !== 0)
      return yield* usage(
        "This folder is no Git repository.",
        `Start one with \`git init\`, or deploy the folder as it is: skypanel deploy ${name} --dir .`,
      )
    const url = `${connection.url}/git/${organization}/${name}.git`
    const known = (yield* run("remote", "get-url", "skypanel")) === 0
    yield* must("remote", known ? "set-url" : "add", "skypanel", url)
    // The empty one first: no other helper is asked for the token, or gets it to keep.
    const key = `credential.${connection.url}.helper`
    yield* must("config", "--local", "--replace-all", key, "")
    yield* must("config", "--local", "--add", key, helper())
    yield* show({ remote: "skypanel", url }, () => [
      `The remote skypanel is ${oneLine(url)}`,
      "Deploy: git push skypanel main",
    ])
  }),
).pipe(
  Command.withDescription(
    "Set up the remote `skypanel` in the Git repository of this directory, so that `git push skypanel main` deploys the service. A service that is not there is created by its first push.",
  ),
  Command.withShortDescription("Set up `git push skypanel main` in this repository"),
  Command.withExamples([
    { command: "skypanel git remote shop", description: "Then: git push skypanel main" },
  ]),
)
