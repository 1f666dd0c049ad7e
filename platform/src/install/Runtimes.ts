import { createHash } from "node:crypto"
import { createReadStream, createWriteStream } from "node:fs"
import { mkdir, open, rename, rm, stat } from "node:fs/promises"
import { join } from "node:path"
import { pipeline } from "node:stream/promises"
import { createGzip } from "node:zlib"
import type { AgentRuntime } from "@skypanel/contract/Installation"
import { Context, Effect, Layer } from "effect"
import type { Architecture, ServedFile } from "./facts.ts"
import { InstallError } from "./InstallError.ts"
import { architectures, findRuntime } from "./runtimePrograms.ts"

/** `path` leads to the compressed program; hash and size are those of the program itself. */
export interface RuntimeFile extends ServedFile {
  /** The compressed program on this machine's disk. */
  readonly file: string
}

type Available = Readonly<Partial<Record<Architecture, RuntimeFile>>>

/** The programs that run the agent on workers: those that this platform's own npm packages brought. */
export class Runtimes extends Context.Service<
  Runtimes,
  {
    /** For each kind of machine that there is a program for. The first to ask waits until it is compressed. */
    readonly available: (runtime: AgentRuntime) => Effect.Effect<Available, InstallError>
  }
>()("platform/install/Runtimes") {
  static readonly layer = (dataFolder: string) =>
    Layer.effect(
      Runtimes,
      Effect.suspend(() => make(join(dataFolder, "install", "runtimes"))),
    )
}

const hashOf = async (file: string): Promise<string> => {
  const hash = createHash("sha256")
  await pipeline(createReadStream(file), hash)
  return hash.digest("hex")
}

const exists = (file: string) =>
  stat(file).then(
    () => true,
    () => false,
  )

/** Under its name only when it is whole: several platforms may share the folder, and each may be killed. */
const compress = async (program: string, file: string): Promise<void> => {
  if (await exists(file)) return
  const partial = `${file}.${process.pid}.new`
  try {
    await pipeline(createReadStream(program), createGzip(), createWriteStream(partial))
    const handle = await open(partial, "r+")
    await handle.sync().finally(() => handle.close())
    await rename(partial, file)
  } finally {
    await rm(partial, { force: true })
  }
}

const prepare = async (
  folder: string,
  runtime: AgentRuntime,
  architecture: Architecture,
): Promise<RuntimeFile | null> => {
  const program = findRuntime(runtime, architecture)
  if (program === null) return null
  const sha256 = await hashOf(program)
  const name = `${runtime}-${sha256}.gz`
  await mkdir(folder, { recursive: true })
  await compress(program, join(folder, name))
  const { size } = await stat(program)
  return { path: `/install/runtime/${name}`, sha256, bytes: size, file: join(folder, name) }
}

const prepareAll = (folder: string, runtime: AgentRuntime) =>
  Effect.tryPromise({
    try: async (): Promise<Available> => {
      const found = []
      for (const architecture of architectures)
        found.push([architecture, await prepare(folder, runtime, architecture)] as const)
      return Object.fromEntries(found.filter(([, file]) => file !== null))
    },
    catch: (error) => new InstallError({ what: `${runtime} for workers`, reason: (error as Error).message }),
  })

const make = Effect.fnUntraced(function* (folder: string) {
  const runtimes = {
    deno: yield* Effect.cached(prepareAll(folder, "deno")),
    node: yield* Effect.cached(prepareAll(folder, "node")),
  }
  return { available: (runtime) => runtimes[runtime] } satisfies Runtimes["Service"]
})
