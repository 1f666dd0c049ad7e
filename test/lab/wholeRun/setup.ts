import { mkdtempSync, rmSync } from "node:fs"
import { createServer } from "node:http"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { NodeServices } from "@effect/platform-node"
import { Effect, Exit, Scope } from "effect"
import type { TestProject } from "vitest/node"
import { bundleCommandLine } from "./commandLine.ts"
import { buildPage } from "./page.ts"
import { startSharedPostgres } from "./postgres.ts"

/** What the tests of one run share, by its name; given a folder of its own. */
const makers = { postgres: startSharedPostgres, commandLine: bundleCommandLine, page: buildPage } as const

export type Shared = {
  readonly [name in keyof typeof makers]: Effect.Success<ReturnType<(typeof makers)[name]>>
}

declare module "vitest" {
  interface ProvidedContext {
    /** The socket at which a test asks for what is shared. */
    wholeRun: string
  }
}

/** Each is made when a test asks for it first: most runs need only some of it. */
const makeOnce = (folder: string, scope: Scope.Scope) => {
  const made = new Map<string, Promise<unknown>>()
  return (name: string) => {
    if (!Object.hasOwn(makers, name)) return Promise.reject(new Error(`there is no ${name}`))
    const make: Effect.Effect<unknown, unknown, Scope.Scope | NodeServices.NodeServices> = makers[
      name as keyof Shared
    ](join(folder, name))
    const making =
      made.get(name) ?? Effect.runPromise(Scope.provide(make, scope).pipe(Effect.provide(NodeServices.layer)))
    made.set(name, making)
    return making
  }
}

/** Vitest calls it before the tests of a project; what it gives, after them. */
export default async ({ provide }: TestProject) => {
  const folder = mkdtempSync(join(tmpdir(), "skypanel-run-"))
  const scope = Effect.runSync(Scope.make())
  const make = makeOnce(folder, scope)
  const server = createServer((request, response) => {
    make(request.url?.slice(1) ?? "").then(
      (value) => response.end(JSON.stringify(value)),
      (error) => response.writeHead(500).end(String(error)),
    )
  })
  const socket = join(folder, "socket")
  await new Promise<void>((resolve) => server.listen(socket, resolve))
  provide("wholeRun", socket)
  return async () => {
    server.close()
    server.closeAllConnections()
    await Effect.runPromise(Scope.close(scope, Exit.void))
    rmSync(folder, { recursive: true, force: true })
  }
}
