import { describe, expect, test } from "vitest"
import { processorTime } from "../testing/ProcessorTime.ts"
import { instructionOf, readDockerfile, stagesOf, withoutFrontend } from "./Dockerfile.ts"

const read = (...lines: ReadonlyArray<string>) => readDockerfile(lines.join("\n"))

describe("a Dockerfile is read", () => {
  test("with instructions that go on in other lines, and comments between them", () => {
    const { instructions } = read(
      "# a comment",
      "from debian",
      "",
      "RUN one && \\",
      "  # why",
      "",
      "  two",
      "CMD x",
    )
    expect(instructions).toEqual([
      { name: "FROM", rest: "debian", line: 2 },
      { name: "RUN", rest: "one && two", line: 4 },
      { name: "CMD", rest: "x", line: 8 },
    ])
  })
  test("without what a here-document has in it", () => {
    const { instructions } = read("FROM a", "RUN <<EOF cat <<-'B'", "COPY x", "EOF", "RUN y", "\tB", "USER 1")
    expect(instructions.map(({ name, line }) => `${line} ${name}`)).toEqual(["1 FROM", "2 RUN", "7 USER"])
    expect(read("FROM a", "RUN <<EOF", "never ended").instructions.length).toBe(2)
  })
  test("with its own sign for lines that go on", () => {
    expect(
      read("# escape=`", "FROM a", "RUN b `", "c\\", "RUN d").instructions.map(({ rest }) => rest),
    ).toEqual(["a", "b c\\", "d"])
  })
  test.each([
    ["one", "# Syntax = example.com/x:1\nFROM a", "1 example.com/x:1"],
    ["one after a byte order mark and a directive", "\ufeff#escape=`\r\n#syntax=a/b\r\nFROM c", "2 a/b"],
    ["one after a comment", "# words\n#\tsyntax\u0085=x", "2 x"],
    ["none in a sentence", "# Sets the syntax = of the app\n# nginx: proxy_syntax=on\nFROM a", ""],
    ["two", "# syntax=x\n# syntax=docker/dockerfile\nFROM a", "1 x, 2 docker/dockerfile"],
    ["one after space of any kind", "#\fsyntax\u00a0=x\nFROM a", "1 x"],
    ["one of an indented comment", "\u0085 # syntax=x\nFROM a", "1 x"],
    ["one after a directive with a number", "#a1=x\n#syntax=y\nFROM a", "2 y"],
    ["one after a line for a shell", "#!/bin/x\n#syntax=y\nFROM a", "2 y"],
    ["none after an instruction", "FROM a\n# syntax=x", ""],
  ])("with the frontends that it names before all else: %s", (_, text, found) => {
    const { frontends } = readDockerfile(text)
    expect(frontends.map(({ reference, line }) => `${line} ${reference}`).join(", ")).toBe(found)
    expect(withoutFrontend(text).split("FROM a")[0]).not.toMatch(/syntax/i)
  })
})

test("BuildKit gets its lines, and of its first comments only those that say how it is read", () => {
  expect(
    withoutFrontend(
      "\ufeff# syntax=docker/dockerfile:1\r\n# escape=`\r\n#check=skip=all\n# words\nFROM a\n# b\n",
    ),
  ).toBe("# escape=`\n#check=skip=all\n#\n#\nFROM a\n# b\n")
  expect(withoutFrontend("# words\n# escape=`\nFROM a")).toBe("#\n#\nFROM a")
  expect(withoutFrontend("#a\n{}")).toBe("#\n{}")
})

test.each([
  ["lines that go on", "FROM a\nRUN b \\\n".concat("c \\\n".repeat(250_000))],
  ["a directive with space", `# syntax=x${" y".repeat(500_000)}${" ".repeat(500_000)}z\nFROM a`],
  ["a comment with signs", `#${"syntax ".repeat(200_000)}\nFROM a`],
  ["space without an end", `FROM a\nRUN b${" ".repeat(1_000_000)}c \\${"\t".repeat(1_000_000)}d`],
])("%s are read at once", (_, text) => {
  const took = processorTime(() => {
    readDockerfile(text)
    withoutFrontend(text)
  })
  expect(took).toBeLessThan(1000)
})

describe("a step is found again", () => {
  const lines = [
    "ARG VERSION=20",
    "FROM --platform=linux/amd64 node:20 AS Build",
    "WORKDIR /app",
    "ENV A=b",
    "RUN npm ci",
    "FROM scratch",
    "COPY --from=build /app /app",
    "FROM build",
    "RUN x",
  ]
  const dockerfile = read(...lines)
  test.each([
    ["[build 1/3] FROM docker.io/library/node:20", 2],
    ["[build 3/3] RUN npm ci", 5],
    ["[stage-1 1/1] COPY --from=build /app /app", 7],
    ["[stage-2 1/1] RUN x", 9],
    ["[nobody 1/1] RUN x", null],
    ["[build 9/9] RUN x", null],
    ["[internal] load build context", null],
  ])("%s", (step, line) => {
    expect(instructionOf(dockerfile, step)?.line ?? null).toBe(line)
  })
  test("of a Dockerfile with one stage", () => {
    expect(instructionOf(read("FROM scratch", "COPY a b", "RUN c"), "[2/2] RUN c")?.line).toBe(3)
  })
  test("with the image that its stage is on", () => {
    expect(stagesOf(dockerfile).map(({ base, name }) => [base, name])).toEqual([
      ["node:20", "build"],
      ["scratch", ""],
      ["build", ""],
    ])
  })
})
