import { describe, expect, test } from "vitest"
import { readDockerfile } from "../recognise/Dockerfile.ts"
import { processorTime } from "../testing/ProcessorTime.ts"
import { explainImageBuild, type FailedImage } from "./ImageFailure.ts"

const text = "FROM node:20 AS build\nRUN npm ci\nFROM scratch\nCOPY --from=build /app /app\nCOPY missing /x\n"
const limits = { buildSeconds: 600, memoryBytes: 1024 ** 3, logBytes: 1024 ** 2 }
const explained = (more: Partial<FailedImage>) =>
  explainImageBuild({
    dockerfile: readDockerfile(text),
    file: "web/Dockerfile",
    step: null,
    messages: [],
    registries: [],
    events: [],
    isSaved: true,
    stopped: null,
    limits,
    ...more,
  }).failure
const step = (title: string, error: string, ...lines: ReadonlyArray<string>) => ({
  title,
  error,
  lines: [...lines],
})

describe("BuildKit's words", () => {
  test.each([
    ["executor failed running [/bin/sh -c npm ci]: exit code: 3"],
    ['process "/bin/sh -c npm ci" did not complete successfully: exit code: 3'],
  ])("of a step that fails: %s", (error) => {
    expect(explained({ step: step("[build 2/2] RUN npm ci", error, "npm error missing") })).toMatchObject({
      title: "web/Dockerfile, line 2: `RUN npm ci` failed with exit code 3.",
      lines: ["npm error missing"],
      location: { file: "web/Dockerfile", line: 2, column: 1 },
    })
  })
  test.each([
    "failed to solve with frontend dockerfile.v0: failed to create LLB definition: dockerfile parse error line 2: unknown instruction: COPPY",
    "ERROR: failed to solve: dockerfile parse error on line 2: unknown instruction: COPPY (did you mean COPY?)",
  ])("of an instruction that is none: %s", (message) => {
    const dockerfile = readDockerfile("FROM a\ncoppy b c\n")
    expect(explained({ dockerfile, messages: [message] })).toMatchObject({
      title: "web/Dockerfile, line 2: there is no instruction “COPPY”.",
      next: "Did you mean COPY?",
    })
  })
  test("of a line that is wrong", () => {
    const message =
      "ERROR: failed to solve: dockerfile parse error on line 5: COPY requires at least two arguments"
    expect(explained({ messages: [message] })).toMatchObject({
      title: "web/Dockerfile, line 5: COPY requires at least two arguments.",
      location: { line: 5 },
    })
  })
  test.each([
    ["docker.io/library/node:20", "docker.io/library/node:20: not found", "There is no such image"],
    ["docker.io/library/node:20", "pull access denied, repository does not exist", "There is no such image"],
    ["docker.io/library/node:20", "failed to do request: Head x: EOF", "does not answer"],
  ])("of a base image that is missing: %s %s", (reference, error, next) => {
    const found = explained({ step: step(`[internal] load metadata for ${reference}`, error) })
    expect(found.title).toBe("web/Dockerfile, line 1: the base image “node:20” cannot be fetched.")
    expect(found.next).toContain(next)
  })
  test.each([
    [
      "ghcr.io/acme/base:1",
      [],
      /for everybody: .* give your organization's credential: skypanel registries add ghcr.io/,
    ],
    [
      "ghcr.io/acme/base:1",
      ["ghcr.io"],
      /for your organization's credential for ghcr.io: .* one that may read it/,
    ],
    ["docker.io/acme/base:1", ["ghcr.io"], /for everybody: .* skypanel registries add docker.io/],
  ])("of %s, which may be private, where there are credentials for %j", (reference, registries, next) => {
    const found = explained({
      registries,
      step: step(`[internal] load metadata for ${reference}`, "pull access denied"),
    })
    expect(found.next).toMatch(next)
  })
  test.each([
    '"/missing" not found: not found',
    'failed to calculate checksum of ref moby::abc: "/missing": not found',
    "lstat /var/lib/docker/tmp/buildkit-mount123/missing: no such file or directory",
  ])("of a file that is missing: %s", (error) => {
    expect(explained({ step: step("[stage-1 2/2] COPY missing /x", error) })).toMatchObject({
      title: "web/Dockerfile, line 5: there is no “missing” to copy.",
      location: { line: 5 },
    })
  })
})

test("a limit is told before whatever it made fail", () => {
  const found = explained({
    stopped: "memory",
    step: step("[build 2/2] RUN npm ci", "exit code: 137", "last words"),
  })
  expect(found).toMatchObject({ code: "build-limit", lines: ["last words"] })
})

test("a step that asks for what it may not reach learns of the proxy", () => {
  const events = [
    {
      _tag: "refused",
      destination: { host: "10.0.0.1", port: 80 },
      reason: "builds reach public addresses only",
    },
  ] as const
  const found = explained({ events, step: step("[build 2/2] RUN npm ci", "exit code: 1") })
  expect(found.next).toContain("http_proxy")
  expect(found.detail).toContain("10.0.0.1:80")
})

test("what nobody knows is told as it was said", () => {
  const found = explained({ messages: ["------", "ERROR: failed to solve: something new"] })
  expect(found).toMatchObject({ title: "The image could not be built.", lines: ["something new"] })
})

test.each([
  ["addresses", '"https://a/v2/'],
  ["parts of addresses", '/v2/"https://a'],
  ["names of manifests", "/manifests/"],
  ["files", 'lstat /fs/"'],
])("a megabyte of %s is read at once", (_, part) => {
  const whole = part.repeat(1_000_000 / part.length)
  // As many as are kept, and as long.
  const messages = [
    whole,
    `"https://a/v2/${whole}`,
    ...Array.from({ length: 100 }, () => whole.slice(0, 1024)),
  ]
  const took = processorTime(() =>
    explained({ messages, step: step("[stage-1 1/2] COPY x", whole.slice(0, 1024)) }),
  )
  expect(took).toBeLessThan(1000)
})
