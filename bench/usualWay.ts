import { mkdirSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { applicationFiles, type Changed, markAt, type Place } from "./application.ts"
import { importBaseImage } from "./baseImage.ts"
import { attempt, run, until } from "./processes.ts"
import { blobsOf, freePort, startRegistry } from "./registryServer.ts"

const base = "skypanel-bench-base:1"

const dockerfile = `FROM ${base}
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --prefer-offline --cache /npm-cache
COPY . .
CMD ["node", "server.js"]
`

/**
 * The usual way to bring an application to a Swarm: `docker build` with a warm cache, `docker push` to a registry
 * on the same machine, `docker service update` with its defaults. One engine builds and runs, so nothing is pulled:
 * that favours this way. So does the port, which is published on the host, without Swarm's routing mesh.
 */
export interface UsualWay {
  readonly place: Place
  /** Writes the application's files, as an editor does; not a part of what is measured. */
  readonly write: (mark: string, changed?: Changed) => void
  /** Builds and pushes what was written, and gives the image's name. */
  readonly publish: (options?: { readonly cache: boolean }) => Promise<string>
  readonly create: (image: string) => Promise<void>
  readonly remove: () => Promise<void>
  readonly update: (...args: ReadonlyArray<string>) => Promise<void>
  readonly scale: (replicas: number) => Promise<void>
  /** Bytes of the newest image that a worker with the one before lacks. */
  readonly newBytes: () => Promise<number>
  readonly stop: () => Promise<void>
}

export const startUsualWay = async (socket: string, directory: string): Promise<UsualWay> => {
  const docker = (...args: ReadonlyArray<string>) => run("docker", ["--host", `unix://${socket}`, ...args])
  const registry = await startRegistry(directory)
  const port = await freePort()
  const place = { address: "127.0.0.1", port, host: null }
  const context = join(directory, "context")
  const service = `bench-usual-${process.pid}`
  const repository = "application"
  const tags: Array<string> = []
  await importBaseImage(docker, base)
  // The engine may have no bridge network, so the service gets one of its own, as ours do.
  await docker("network", "create", "--driver", "overlay", service)

  // A network can be removed when the last container has left it.
  const networkGone = async () =>
    (await attempt("docker", ["--host", `unix://${socket}`, "network", "rm", service])) !== null

  return {
    place,
    write: (mark, changed) => {
      for (const [name, text] of Object.entries({
        ...applicationFiles(mark, changed),
        Dockerfile: dockerfile,
      })) {
        mkdirSync(dirname(join(context, name)), { recursive: true })
        writeFileSync(join(context, name), text)
      }
    },
    publish: async (options = { cache: true }) => {
      const tag = String(tags.length + 1)
      const image = `${registry.address}/${repository}:${tag}`
      const cache = options.cache ? [] : ["--no-cache"]
      // The engine has no bridge for builds; `npm ci` has all it needs in npm's cache.
      await docker("build", "--quiet", "--network", "host", ...cache, "--tag", image, context)
      await docker("push", "--quiet", image)
      tags.push(tag)
      return image
    },
    create: async (image) => {
      const publish = `mode=host,published=${port},target=3000`
      await docker(
        "service",
        "create",
        "--detach",
        "--quiet",
        "--name",
        service,
        "--network",
        service,
        "--publish",
        publish,
        image,
      )
    },
    remove: async () => {
      await docker("service", "rm", service)
      const gone = async () =>
        (await attempt("docker", [
          "--host",
          `unix://${socket}`,
          "ps",
          "--quiet",
          "--filter",
          `name=${service}`,
        ])) === ""
      await until("its container to be gone", performance.now(), gone, { every: 50 })
      await until("its port to be silent", performance.now(), async () => (await markAt(place)) === null, {
        every: 50,
      })
    },
    // `--detach`: without it the command watches for five seconds more after the service answers.
    update: async (...args) =>
      void (await docker("service", "update", "--detach", "--quiet", ...args, service)),
    scale: async (replicas) => void (await docker("service", "scale", "--detach", `${service}=${replicas}`)),
    newBytes: async () => {
      const [before, now] = await Promise.all(
        tags.slice(-2).map((tag) => blobsOf(registry.address, repository, tag)),
      )
      if (before === undefined || now === undefined) throw new Error("two images are needed to compare them")
      return [...now].reduce((bytes, [digest, size]) => bytes + (before.has(digest) ? 0 : size), 0)
    },
    stop: async () => {
      await attempt("docker", ["--host", `unix://${socket}`, "service", "rm", service])
      await until("its network to be gone", performance.now(), networkGone, { every: 100 })
      await registry.stop()
    },
  }
}
