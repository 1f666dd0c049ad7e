import { execFile } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import type { IncomingMessage, ServerResponse } from "node:http"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { PassThrough } from "node:stream"
import { promisify } from "node:util"
import { Effect } from "effect"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { useEngine, usePostgres } from "../../../test/lab/fixtures.ts"
import { type ArtifactServer, startArtifactServer } from "../../test/artifactServer.ts"
import { makeNixStore } from "../../test/nixStore.ts"
import { credentialOf, organizationId, repository } from "../../test/publisher.ts"
import { Images } from "./Images.ts"

const run = promisify(execFile)
const postgres = usePostgres()
const engine = useEngine()
const nix = makeNixStore()
const folder = mkdtempSync(join(tmpdir(), "skypanel-pull-"))
const name = repository("svc_pull")
let server: ArtifactServer
let busybox: string

/** Builds an application that says `text`, uploads it with Nix, and publishes it. */
const release = async (text: string) => {
  const application = await nix.write("shop", `${text} `, [busybox])
  await nix.copyTo(`${server.pushUrl}?compression=zstd`, application)
  const program = `${busybox}/bin/busybox`
  const script = `id -u; cat ${application}; ls -ld /tmp /etc/passwd ${busybox}; echo 1 > /tmp/x && cat /tmp/x; echo 2 > /x`
  return server.runtime.runPromise(
    Effect.flatMap(Images, (images) =>
      images.publish({
        organizationId,
        serviceId: "svc_pull",
        storePath: application,
        command: [
          program,
          "sh",
          "-c",
          `PATH=; busybox() { ${program} "$@"; }; ${script.replaceAll(/\b(id|cat|ls) /g, "busybox $1 ")}`,
        ],
      }),
    ),
  )
}

const pull = async (digest: string) => {
  const { docker, hostAddress } = engine()
  const reference = `${hostAddress}:${server.port}/${name}@${digest}`
  const stream = await docker.pull(reference, { authconfig: await authConfig() })
  await new Promise<void>((resolve, reject) =>
    docker.modem.followProgress(stream, (error) => (error ? reject(error) : resolve())),
  )
  return reference
}

const authConfig = async () => ({
  ...(await credentialOf(server, name)),
  serveraddress: `${engine().hostAddress}:${server.port}`,
})

const runContainer = async (image: string) => {
  const { docker } = engine()
  const out = new PassThrough()
  const pieces: Array<Buffer> = []
  out.on("data", (bytes) => pieces.push(bytes))
  const [{ StatusCode }, container] = await docker.run(image, [], out, {
    Tty: true,
    HostConfig: {
      ReadonlyRootfs: true,
      Tmpfs: { "/tmp": "" },
      NetworkMode: "none",
      CapDrop: ["ALL"],
    },
  })
  await container.remove()
  return { StatusCode, text: Buffer.concat(pieces).toString() }
}

beforeAll(async () => {
  server = await startArtifactServer(await postgres().database())
  busybox = await nix.add("busybox-1.35", { "bin/busybox": { copy: "/bin/busybox" } })
})
afterAll(async () => {
  await server.close()
  nix.remove()
  rmSync(folder, { recursive: true, force: true })
})

describe("skopeo", () => {
  it("inspects an image and copies it out, every digest checked", async () => {
    const { digest, layers } = await release("one")
    const { username, password } = await credentialOf(server, name)
    const options = ["--tls-verify=false", "--creds", `${username}:${password}`]
    const image = `docker://${server.address}/${name}:latest`
    const { stdout } = await run("skopeo", ["inspect", ...options, image])
    const seen = JSON.parse(stdout)
    expect(seen.Digest).toBe(digest)
    expect(seen.Layers).toEqual(layers.map((layer) => layer.digest))
    expect(seen.RepoTags).toContain("latest")
    const source = options.map((option) =>
      option.replace("--tls", "--src-tls").replace("--creds", "--src-creds"),
    )
    await run("skopeo", ["copy", ...source, image, `dir:${join(folder, "copy")}`])
  })

  it("gets nothing without the credential", async () => {
    const image = `docker://${server.address}/${name}:latest`
    await expect(run("skopeo", ["inspect", "--tls-verify=false", image])).rejects.toThrow()
  })
})

describe("an engine", () => {
  it("pulls an image and runs it without root, on a root it cannot write to", async () => {
    const { digest } = await release("one")
    const { StatusCode, text } = await runContainer(await pull(digest))
    const lines = text.split(/\r?\n/)
    expect(lines[0]).toBe("65534")
    expect(lines[1]).toContain(`one ${busybox}`)
    expect(text).toMatch(/drwxrwxrwt .* \/tmp/)
    expect(text).toMatch(/-r--r--r-- +1 root +root .* \/etc\/passwd/)
    expect(text).toMatch(/dr-xr-xr-x .* \/nix\/store/)
    expect(lines).toContain("1")
    expect(text).toContain("Read-only file system")
    expect(StatusCode).toBe(1)
  })

  it("pulls one layer when the application changed, and none when nothing did", async () => {
    await pull((await release("one")).digest)
    const { digest, layers } = await release("two")
    server.requests.length = 0
    await pull(digest)
    const blobs = server.requests.filter((request) => request.includes("/blobs/"))
    expect(blobs.filter((request) => layers.some((layer) => request.endsWith(layer.digest)))).toEqual([
      `GET /v2/${name}/blobs/${layers.at(-1)!.digest}`,
    ])
    server.requests.length = 0
    await pull(digest)
    expect(server.requests.filter((request) => request.includes("/blobs/"))).toEqual([])
  })

  it("takes a broken pull up where it broke", async () => {
    const { layers } = await release("three")
    const size = layers[1]!.size
    expect(size).toBeGreaterThan(1_900_000)
    let cuts = 0
    const cut = (asked: IncomingMessage, response: ServerResponse) => {
      if (cuts > 0 || !asked.url?.endsWith(layers[1]!.digest)) return
      cuts++
      let sent = 0
      const write = response.write.bind(response) as (bytes: Buffer) => boolean
      response.write = ((bytes: Buffer) => {
        sent += bytes.length
        const going = write(bytes)
        if (sent > 500_000) response.socket?.destroySoon()
        return going
      }) as typeof response.write
    }
    server.server.prependListener("request", cut)
    const { digest } = await release("three")
    const { docker } = engine()
    for (const image of await docker.listImages()) await docker.getImage(image.Id).remove({ force: true })
    server.requests.length = 0
    await pull(digest)
    server.server.removeListener("request", cut)
    expect(cuts).toBe(1)
    expect(server.requests.some((request) => request.includes("bytes="))).toBe(true)
  }, 60_000)

  it("pulls as a Swarm service does, with the credential in the specification", async () => {
    const { docker, hostAddress } = engine()
    const { digest } = await release("four")
    const image = `${hostAddress}:${server.port}/${name}@${digest}`
    const service = await docker.createService(await authConfig(), {
      Name: "pull",
      TaskTemplate: { ContainerSpec: { Image: image, ReadOnly: true }, RestartPolicy: { Condition: "none" } },
    } as never)
    await expect
      .poll(async () => (await docker.listTasks({ filters: { service: ["pull"] } }))[0]?.Status?.State, {
        timeout: 15_000,
      })
      .toMatch(/complete|failed/)
    const [task] = await docker.listTasks({ filters: { service: ["pull"] } })
    expect(task.Status.ContainerStatus.ExitCode).toBe(1)
    await service.remove()
  })
})
