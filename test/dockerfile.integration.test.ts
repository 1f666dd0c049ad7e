import { randomBytes } from "node:crypto"
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, describe, expect, it, onTestFinished } from "vitest"
import { noImages } from "../agent/src/builder/testing/Dockerfiles.ts"
import { makeImage, writeImage } from "./images/makeImage.ts"
import { openImageRegistry, registryLogin } from "./lab/imageRegistry.ts"
import { BUSYBOX_PROGRAM } from "./lab/images.ts"
import { usePlatform } from "./lab/platform.ts"
import { until } from "./lab/until.ts"

/** What has no Nix in it, by a real builder, registry and worker: a repository with a Dockerfile, and somebody else's image. */

const folder = mkdtempSync(join(tmpdir(), "skypanel-dockerfile-"))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const platform = usePlatform({ SKYPANEL_HEALTH_DEADLINE_SECONDS: "20" })
const cli = async (...args: ReadonlyArray<string>) => {
  const { code, stdout, stderr } = await platform().cli(...args)
  expect(code, stdout + stderr).toBe(0)
  return stdout + stderr
}
const answer = async (service: string, path?: string) =>
  (await platform().get(`${service}-acme.localhost`, path)).text

/** What has come to the worker's machine, from anywhere. */
const receivedBytes = () =>
  readFileSync(`/proc/${platform().agent.pid}/net/dev`, "utf8")
    .split("\n")
    .map((line) => /^\s*(\S+):\s+(\d+)/.exec(line))
    .reduce((sum, found) => sum + (found === null || found[1] === "lo" ? 0 : Number(found[2])), 0)

const dockerfile = `FROM scratch AS base
COPY busybox /bin/busybox
RUN ["/bin/busybox", "--install", "-s", "/bin"]
FROM base
COPY index.html /srv/
USER 1234
EXPOSE 8123
CMD ["httpd", "-f", "-p", "8123", "-h", "/srv"]
`

describe("an image by reference", { timeout: 120_000 }, () => {
  const ballast = randomBytes(4_000_000)
  /** Serves from its volume, where it notes who it runs as. */
  const command = `busybox id -u > /data/$(busybox cat /srv/index.html) && busybox cp /srv/index.html /data/index.html.new &&
    busybox mv /data/index.html.new /data/index.html && exec busybox httpd -f -p 9000 -h /data`
  const image = (page: string, user?: string) => {
    const at = join(folder, page)
    const base = { "bin/busybox": readFileSync(BUSYBOX_PROGRAM) }
    const site = { "srv/index.html": page, "srv/ballast": Buffer.concat([Buffer.from(page), ballast]) }
    const made = makeImage(at, [base, site], {
      Cmd: ["/bin/busybox", "sh", "-c", command.replaceAll("busybox", "/bin/busybox")],
      ExposedPorts: { "9000/tcp": {} },
      ...(user !== undefined && { User: user }),
    })
    return writeImage(at, made)
  }

  it("is live with a credential; so is the next one, once its tag is seen to lead there; and back it comes without its registry, or a byte", async () => {
    const registry = await openImageRegistry(true)
    onTestFinished(registry.close)
    const name = `${registry.address}/team/site:1`
    await registry.push(image("first"), "team/site:1")
    const withVolume = ["--volume", "/data:64MiB", "--wait"]
    const refused = await platform().cli("deploy", "mirrored", "--image", name, ...withVolume)
    expect(refused.code).toBe(1)
    expect(refused.stderr).toContain(`skypanel registries add ${registry.address}`)
    const credential = { registry: registry.address, ...registryLogin }
    expect((await platform().api("PUT", "/organizations/acme/registries", credential)).status).toBe(200)
    const before = receivedBytes()
    await cli("redeploy", "mirrored", "--wait")
    expect(await answer("mirrored")).toBe("first")
    expect(receivedBytes() - before).toBeGreaterThan(ballast.length)
    await registry.push(image("second", "1001"), "team/site:1")
    expect(await cli("image", "check", "mirrored")).toContain("leads to a newer image, sha256:")
    await cli("image", "policy", "mirrored", "deploy", "--every", "60")
    await until("what the tag leads to to answer", async () =>
      (await answer("mirrored")) === "second" ? true : null,
    )
    // Whoever an image runs as has its volume to write to.
    expect(await answer("mirrored", "/first")).toBe("65534\n")
    expect(await answer("mirrored", "/second")).toBe("1001\n")
    await until("it to be known as what serves", async () => {
      const { body } = await platform().api("GET", "/organizations/acme/services/mirrored/image")
      return body.state === "current" ? true : null
    })
    const { body } = await platform().api("GET", "/organizations/acme/services/mirrored/deployments/3")
    expect(body).toMatchObject({ createdBy: "polling", source: { reference: name } })
    await registry.close()
    const between = receivedBytes()
    await cli("rollback", "mirrored", "--wait")
    expect(await answer("mirrored")).toBe("first")
    // Heartbeats, routes and visitors' requests are not nothing.
    expect(receivedBytes() - between).toBeLessThan(ballast.length / 10)
  })
})

describe.skipIf(noImages !== null)("a repository with a Dockerfile", { timeout: 100_000 }, () => {
  const repository = join(folder, "boxed")
  const write = (page: string) => {
    mkdirSync(repository, { recursive: true })
    cpSync(BUSYBOX_PROGRAM, join(repository, "busybox"))
    writeFileSync(join(repository, "Dockerfile"), dockerfile)
    writeFileSync(join(repository, "index.html"), page)
  }

  it("is built, pulled from the registry and answers; the next build has only what changed; and back", async () => {
    write("first")
    const first = await cli("deploy", "boxed", "--dir", repository, "--wait")
    expect(first).toContain("Dockerfile → an image on base, 2 stages, built by BuildKit")
    expect(first).toContain("[base 2/2] RUN")
    expect(await answer("boxed")).toBe("first")
    write("second")
    const second = await cli("deploy", "boxed", "--dir", repository, "--wait")
    expect(second).toContain("unchanged: taken from the service's last build")
    expect(second).toContain("uploading 1 of 3 layers")
    expect(await answer("boxed")).toBe("second")
    await cli("rollback", "boxed", "--wait")
    expect(await answer("boxed")).toBe("first")
  })
  it("that cannot be built says why, and what ran before goes on", async () => {
    writeFileSync(join(repository, "Dockerfile"), dockerfile.replace("USER", "RUNN true\nUSER"))
    const { code, stdout, stderr } = await platform().cli("deploy", "boxed", "--dir", repository, "--wait")
    expect(code).not.toBe(0)
    expect(stdout + stderr).toContain("Dockerfile, line 6: there is no instruction “RUNN”.")
    expect(await answer("boxed")).toBe("first")
  })
})
