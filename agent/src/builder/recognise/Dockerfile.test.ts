import { describe, expect, test } from "vitest"
import { instructionOf, readDockerfile, stagesOf } from "./Dockerfile.ts"

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
  test("with the frontend that it names before all else", () => {
    expect(read("# Syntax = example.com/x:1", "FROM a").frontend).toEqual({
      reference: "example.com/x:1",
      line: 1,
    })
    expect(readDockerfile("\ufeff#escape=`\r\n#syntax=a/b\r\nFROM c").frontend).toEqual({
      reference: "a/b",
      line: 2,
    })
    expect(read("# words", "# syntax=x").frontend).toBeNull()
    expect(read("FROM a", "# syntax=x").frontend).toBeNull()
  })
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
