import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, describe, expect, it } from "vitest"
import { noImages } from "../agent/src/builder/testing/Dockerfiles.ts"
import { BUSYBOX_PROGRAM } from "./lab/images.ts"
import { usePlatform } from "./lab/platform.ts"

/** A repository with a Dockerfile, by a real builder, registry and worker. */

const folder = mkdtempSync(join(tmpdir(), "skypanel-dockerfile-"))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const dockerfile = `FROM scratch AS base
COPY busybox /bin/busybox
RUN ["/bin/busybox", "--install", "-s", "/bin"]
FROM base
COPY index.html /srv/
USER 1234
EXPOSE 8123
CMD ["httpd", "-f", "-p", "8123", "-h", "/srv"]
`

describe.skipIf(noImages !== null)("a repository with a Dockerfile", { timeout: 100_000 }, () => {
  const platform = usePlatform({ SKYPANEL_HEALTH_DEADLINE_SECONDS: "20" })
  const cli = async (...args: ReadonlyArray<string>) => {
    const { code, stdout, stderr } = await platform().cli(...args)
    expect(code, stdout + stderr).toBe(0)
    return stdout + stderr
  }
  const answer = async () => (await platform().get("boxed-acme.localhost")).text
  const write = (page: string) => {
    mkdirSync(folder, { recursive: true })
    cpSync(BUSYBOX_PROGRAM, join(folder, "busybox"))
    writeFileSync(join(folder, "Dockerfile"), dockerfile)
    writeFileSync(join(folder, "index.html"), page)
  }

  it("is built, pulled from the registry and answers; the next build has only what changed; and back", async () => {
    write("first")
    const first = await cli("deploy", "boxed", "--dir", folder, "--wait")
    expect(first).toContain("Dockerfile → an image on base, 2 stages, built by BuildKit")
    expect(first).toContain("[base 2/2] RUN")
    expect(await answer()).toBe("first")
    write("second")
    const second = await cli("deploy", "boxed", "--dir", folder, "--wait")
    expect(second).toContain("unchanged: taken from the service's last build")
    expect(second).toContain("uploading 1 of 3 layers")
    expect(await answer()).toBe("second")
    await cli("rollback", "boxed", "--wait")
    expect(await answer()).toBe("first")
  })
  it("that cannot be built says why, and what ran before goes on", async () => {
    writeFileSync(join(folder, "Dockerfile"), dockerfile.replace("USER", "RUNN true\nUSER"))
    const { code, stdout, stderr } = await platform().cli("deploy", "boxed", "--dir", folder, "--wait")
    expect(code).not.toBe(0)
    expect(stdout + stderr).toContain("Dockerfile, line 6: there is no instruction “RUNN”.")
    expect(await answer()).toBe("first")
  })
})
