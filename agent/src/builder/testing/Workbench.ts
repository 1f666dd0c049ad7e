import { execFile } from "node:child_process"
import { mkdir, mkdtemp, rm } from "node:fs/promises"
import { createServer, type IncomingHttpHeaders, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { promisify } from "node:util"
import type { BuildAssignment, BuildObserved } from "@skypanel/contract/BuildAssignment"
import {
  type LayerContents,
  layerContentsHeaders,
  readLayerContents,
} from "@skypanel/contract/image/LayerContents"
import type { LogLine } from "@skypanel/contract/Log"
import type { Source } from "@skypanel/contract/Source"
import { Effect, Exit, Fiber, Scope, Stream } from "effect"
import { packagesFolder } from "../../../../test/lab/packagesFolder.ts"
import type { BuilderConfig } from "../BuilderConfig.ts"
import { makeBuilds } from "../Builds.ts"
import { preparePackages } from "../PackageSetChoice.ts"
import type { PackageSource } from "../PackageSource.ts"

/* For tests: a real builder with a folder of its own, uploading to a small binary cache in memory. */

const MiB = 1024 ** 2
const repository = join(import.meta.dirname, "..", "..", "..", "..")

/** A binary cache that takes what `nix copy` uploads; below `/refused/` it takes nothing. */
export class Receiver {
  /** What was uploaded: a narinfo's text, or empty for a NAR. What is put here can be fetched. */
  readonly stored = new Map<string, Buffer>()
  readonly requests: Array<string> = []
  /** What was said of layers, by their path. */
  readonly #contents = new Map<string, LayerContents>()
  /** For which paths it answers with an error of its own. */
  unwell: (path: string) => boolean = () => false
  readonly #server: Server = createServer((request, response) => {
    const path = (request.url ?? "").split("?")[0]!
    this.requests.push(`${request.method} ${path}`)
    const chunks: Array<Buffer> = []
    request.on("data", (chunk: Buffer) => {
      if (path.endsWith(".narinfo")) chunks.push(chunk)
    })
    request.on("end", () => {
      if (this.unwell(path)) return void response.writeHead(500).end()
      if (path.startsWith("/refused/")) return void response.writeHead(403).end()
      if (path.endsWith("/nix-cache-info")) return void response.end("StoreDir: /nix/store\n")
      if (request.method === "PUT") this.#store(path, Buffer.concat(chunks), request.headers)
      const stored = this.stored.get(path)
      const contents = this.#contents.get(path)
      const headers = contents === undefined ? {} : layerContentsHeaders(contents)
      response
        .writeHead(stored === undefined ? 404 : 200, headers)
        .end(request.method === "GET" ? stored : undefined)
    })
  })
  #store(path: string, bytes: Buffer, headers: IncomingHttpHeaders): void {
    this.stored.set(path, bytes)
    const contents = readLayerContents((name) => headers[name.toLowerCase()]?.toString() ?? null)
    if (contents !== null) this.#contents.set(path, contents)
  }
  async listen(port = 0): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(port, "127.0.0.1", resolve))
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }
  close(): void {
    this.#server.close()
    this.#server.closeAllConnections()
  }
}

export interface Finished {
  readonly observed: BuildObserved
  readonly lines: ReadonlyArray<LogLine>
}

const alphabet = "0123456789abcdefghjkmnpqrstvwxyz"
export const newBuildId = () =>
  `bld_${Array.from({ length: 24 }, () => alphabet[Math.floor(Math.random() * 32)]).join("")}` as BuildAssignment["id"]

export const token = "a-secret-upload-token-of-this-build"

export const assignment = (
  source: Source,
  limits: Partial<BuildAssignment["limits"]> = {},
): BuildAssignment => ({
  id: newBuildId(),
  organizationId: "org_000000000000000000000000" as BuildAssignment["organizationId"],
  serviceName: "web",
  source,
  uploadPath: `/cache/push/${token}?compression=zstd`,
  ...(source._tag === "folder" && { folderPath: `/folders/${token}` }),
  limits: {
    evaluationSeconds: 60,
    buildSeconds: 300,
    memoryBytes: 2048 * MiB,
    logBytes: 16 * MiB,
    sourceBytes: 64 * MiB,
    ...limits,
  },
  canceled: false,
})

/** One test file prepares at a time; the kernel lets the name go when its process ends, however it does. */
const packagesLock: Effect.Effect<Server, never, Scope.Scope> = Effect.acquireRelease(
  Effect.promise(async () => {
    for (;;) {
      const lock = createServer()
      const held = await new Promise<boolean>((resolve) => {
        lock.once("error", () => resolve(false))
        lock.listen("\0skypanel-test-packages", () => resolve(true))
      })
      if (held) return lock
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }),
  (lock) => Effect.promise(() => new Promise<void>((resolve) => lock.close(() => resolve()))),
)

const packagesOf = (config: BuilderConfig, readsStoreOnly: boolean, packages: Partial<PackageSource>) =>
  Effect.scoped(
    Effect.andThen(packagesLock, preparePackages({ ...config, dataFolder: packagesFolder })),
  ).pipe(
    Effect.map(
      (source) =>
        source && { ...source, readsStoreOnly: source.readsStoreOnly || readsStoreOnly, ...packages },
    ),
  )

/** Where npm itself would fetch from. */
const npmRegistry = async () =>
  (await promisify(execFile)("npm", ["config", "get", "registry"])).stdout.trim()

/** `readsStoreOnly`: as a newer Nix would. `packages`: what is another way with the package set. */
export const openWorkbench = async (
  overrides: Partial<BuilderConfig> = {},
  readsStoreOnly = false,
  packages: Partial<PackageSource> = {},
) => {
  const receiver = new Receiver()
  const dataFolder = overrides.dataFolder ?? (await mkdtemp(join(tmpdir(), "skypanel-builder-")))
  await mkdir(packagesFolder, { recursive: true })
  const config: BuilderConfig = {
    controlPlane: await receiver.listen(),
    dataFolder,
    nixpkgs: "auto",
    npmRegistry: await npmRegistry(),
    crates: "https://static.crates.io/crates",
    goProxy: "http://127.0.0.1:9",
    wheels: "http://127.0.0.1:9",
    baseImageMirror: null,
    templates: join(repository, "templates"),
    embedded: join(repository, "nixos", "embedded"),
    allowPrivateGit: true,
    concurrency: 2,
    diskBytes: 16 * 1024 * MiB,
    diskFiles: 2_000_000,
    ...overrides,
  }
  const scope = Scope.makeUnsafe()
  const builds = await Effect.runPromise(
    Scope.provide(makeBuilds(config, packagesOf(config, readsStoreOnly, packages)), scope),
  )
  const lines = new Map<string, Array<LogLine>>()
  const reading = Effect.runFork(
    Stream.runForEach(builds.logs, (batch) =>
      Effect.sync(() => void lines.set(batch.buildId, [...(lines.get(batch.buildId) ?? []), ...batch.lines])),
    ),
  )
  const observed = async (id: string) =>
    (await Effect.runPromise(builds.observed)).find((build) => build.id === id)
  const assigned = new Map<string, BuildAssignment>()
  const reconcile = () => Effect.runPromise(builds.reconcile([...assigned.values()]))
  const finished = async (id: string): Promise<Finished> => {
    for (;;) {
      const build = await observed(id)
      if (build?.phase === "succeeded" || build?.phase === "failed") {
        const own = lines.get(id) ?? []
        if ((own.at(-1)?.seq ?? 0) === build.logSeq) return { observed: build, lines: own }
      }
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
  }
  return {
    builds,
    config,
    receiver,
    observed,
    lines: (id: string) => lines.get(id) ?? [],
    assign: async (build: BuildAssignment) => {
      assigned.set(build.id, build)
      await reconcile()
    },
    unassign: async (id: string) => {
      assigned.delete(id)
      await reconcile()
    },
    finished,
    /** Assigns a build of the source and waits until it has ended. */
    build: async (
      source: Source,
      limits: Partial<BuildAssignment["limits"]> = {},
      organizationId = "org_000000000000000000000000",
    ) => {
      const build = {
        ...assignment(source, limits),
        organizationId: organizationId as BuildAssignment["organizationId"],
      }
      assigned.set(build.id, build)
      await reconcile()
      return finished(build.id)
    },
    close: async () => {
      await Effect.runPromise(Scope.close(scope, Exit.void))
      await Effect.runPromise(Fiber.interrupt(reading))
      receiver.close()
      await rm(dataFolder, { recursive: true, force: true })
    },
  }
}
export type Workbench = Awaited<ReturnType<typeof openWorkbench>>
