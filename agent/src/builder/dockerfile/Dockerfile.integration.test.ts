import type { BuildAssignment } from "@skypanel/contract/BuildAssignment"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { ownAddress, serveBaseImage } from "../testing/BaseImage.ts"
import {
  buildImageOf,
  busybox,
  dockerfileSource,
  newServiceId,
  noImages,
  shell,
} from "../testing/Dockerfiles.ts"
import { failureOf } from "../testing/Failures.ts"
import { file, pack } from "../testing/Folders.ts"
import { assignment, openWorkbench, token, type Workbench } from "../testing/Workbench.ts"

let bench: Workbench
beforeAll(async () => {
  bench = await openWorkbench()
}, 180_000)
afterAll(() => bench?.close())

const service = newServiceId()
const textsOf = (lines: ReadonlyArray<{ readonly text: string }>) => lines.map(({ text }) => text)

describe.skipIf(noImages !== null)("a Dockerfile", { timeout: 60_000 }, () => {
  const page = `# syntax=docker/dockerfile:1\n${shell}RUN echo hello > /hello\nEXPOSE 8000\nCMD ["/bin/httpd", "-f"]\n`

  test("is built step by step, and its image is brought to the platform", async () => {
    const { observed, lines } = await buildImageOf(bench, service, page)
    expect(observed.failure).toBeNull()
    expect(observed.result).toMatchObject({
      image: { port: 8000 },
      command: [],
      closurePaths: 3,
      recognisedAs: "Dockerfile → an image on scratch, built by BuildKit",
    })
    const texts = textsOf(lines)
    const steps = texts.filter((text) => /^\[\d/.test(text))
    expect(steps).toEqual([
      "[1/3] COPY busybox /bin/busybox",
      '[2/3] RUN ["/bin/busybox", "--install", "-s", "/bin"]',
      "[3/3] RUN echo hello > /hello",
    ])
    expect(texts.some((text) => text.startsWith("uploading 3 of 3 layers"))).toBe(true)
    const narInfos = [...bench.receiver.stored.keys()].filter((path) => path.endsWith(".narinfo"))
    expect(narInfos.length).toBe(4)
    expect(JSON.stringify(lines)).not.toContain(token)
  })
  test("has its unchanged steps taken from the service's last build, and from no other service's", async () => {
    const changed = page.replace("hello >", "again >")
    const again = await buildImageOf(bench, service, changed)
    const unchanged = "unchanged: taken from the service's last build"
    expect(textsOf(again.lines).filter((text) => text === unchanged).length).toBe(2)
    expect(textsOf(again.lines).some((text) => text.startsWith("uploading 1 of 3 layers"))).toBe(true)
    const other = await buildImageOf(bench, newServiceId(), page)
    expect(other.observed.failure).toBeNull()
    expect(textsOf(other.lines)).not.toContain(unchanged)
  })
  test("is built to the stage and with the arguments that a skypanel.toml names", async () => {
    const { observed, lines } = await bench.build(
      dockerfileSource(
        bench,
        `${shell.replace("scratch", "scratch AS base")}FROM base AS web\nARG WORD\nRUN echo "word: $WORD" | tee /word\nFROM base\nRUN exit 3\n`,
        file("skypanel.toml", '[dockerfile]\ntarget = "web"\n[arguments]\nWORD = "a b"\n'),
      ),
    )
    expect(observed.failure).toBeNull()
    expect(textsOf(lines)).toContain("word: a b")
  })
})

describe.skipIf(noImages !== null)("a Dockerfile that cannot be built", { timeout: 60_000 }, () => {
  const failing = (text: string) => failureOf(bench, dockerfileSource(bench, text))

  test("says the step, its line and what was printed", async () => {
    // All to one stream: of two it is not known which comes first.
    const { observed, lines } = await buildImageOf(
      bench,
      service,
      `${shell}\n# tests\nRUN echo begin >&2 && \\\n  echo "main.c:3:1: error: no such thing" >&2; exit 7\n`,
    )
    expect(observed.failure).toMatchObject({
      code: "build-failed",
      title: expect.stringMatching(
        /^Dockerfile, line 6: `RUN echo begin >&2 && .*` failed with exit code 7\.$/,
      ),
      lines: ["main.c:3:1: error: no such thing"],
      location: { file: "Dockerfile", line: 6, column: 1 },
    })
    expect(textsOf(lines)).toContain("begin")
  })
  test.each([
    [
      "an instruction that is none",
      "FROM scratch\nRUNN true\n",
      /line 2: there is no instruction “RUNN”/,
      /mean RUN/,
    ],
    [
      "a file that is not there",
      "FROM scratch\n\nCOPY missing /x\n",
      /line 3: there is no “missing” to copy/,
      /Commit/,
    ],
    [
      "a host that is none",
      "FROM registry.invalid/x:1\n",
      /line 1: the base image “registry.invalid\/x:1”/,
      /not answer/,
    ],
    [
      "a privileged step",
      `${shell}RUN --security=insecure true\n`,
      /line 4: no step of a build is privileged/,
      /Remove/,
    ],
    ["nothing in it", 'FROM scratch\nCMD ["/x"]\n', /The image is empty/, /Add a COPY/],
  ])("because of %s", async (_, text, title, next) => {
    const failure = await failing(text)
    expect([failure.title, failure.next]).toEqual([expect.stringMatching(title), expect.stringMatching(next)])
  })
})

const address = ownAddress()

describe.skipIf(noImages !== null || address === null)("a base image", { timeout: 60_000 }, () => {
  test("comes by way of the egress policy, from the operator's mirror wherever that is; a missing one is told", async () => {
    const mirror = await serveBaseImage(address!, pack(file("motd", "from the base\n")))
    const mirrored = await openWorkbench({ baseImageMirror: mirror.url })
    try {
      const { observed } = await mirrored.build(dockerfileSource(mirrored, "FROM base:1\nCOPY busybox /x\n"))
      expect(observed.failure).toBeNull()
      expect(observed.result).toMatchObject({ closurePaths: 2 })
      expect(mirror.asked).toContain("/v2/library/base/manifests/1")
      const failure = await failureOf(mirrored, dockerfileSource(mirrored, "FROM bse:1\nCOPY busybox /x\n"))
      expect(failure.title).toBe("Dockerfile, line 1: the base image “bse:1” cannot be fetched.")
    } finally {
      await mirrored.close()
      mirror.server.close()
    }
  })

  test("that is private is fetched with its registry's credential, which no step sees", async () => {
    const password = "a-secret-of-the-registry"
    const base = [file("bin/busybox", busybox(), true), file("motd", "from the base\n")]
    const mirror = await serveBaseImage(address!, pack(...base), `robot:${password}`)
    const mirrored = await openWorkbench({ baseImageMirror: mirror.url })
    const looks = ["/login", "/tmp/docker.sock", "/root/.docker"].map(
      (path) => `RUN ["/bin/busybox", "test", "!", "-e", "${path}"]\n`,
    )
    const source = dockerfileSource(
      mirrored,
      `FROM base:1\n${looks.join("")}RUN ["/bin/busybox", "env"]\nRUN ["/bin/busybox", "ps"]\n`,
    )
    const build = async (registries: BuildAssignment["registries"]) => {
      const assigned = { ...assignment(source), ...(registries && { registries }) }
      await mirrored.assign(assigned)
      return mirrored.finished(assigned.id)
    }
    try {
      const refused = (await build([])).observed.failure
      expect(refused?.title).toBe("Dockerfile, line 1: the base image “base:1” cannot be fetched.")
      const { host } = new URL(mirror.url)
      const { observed, lines } = await build([{ registry: host, username: "robot", password }])
      expect(observed.failure).toBeNull()
      // What is struck out of a log leaves a mark there.
      expect(JSON.stringify(lines)).not.toMatch(/a-secret|…/)
    } finally {
      await mirrored.close()
      mirror.server.close()
    }
  })
})
