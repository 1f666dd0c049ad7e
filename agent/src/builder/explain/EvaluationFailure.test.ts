import { describe, expect, test } from "vitest"
import { explainEvaluation, type FailedEvaluation } from "./EvaluationFailure.ts"
import { noNames } from "./NearestName.ts"

const hash = "0123456789abcdfghijklmnpqrsvwxyz"
const file = `/nix/store/${hash}-expression.nix`
const explain = (text: string, more: Partial<FailedEvaluation> = {}) =>
  explainEvaluation({
    lines: text.split("\n"),
    ended: { exitCode: 1, signal: null, stopped: null },
    outOfMemory: false,
    outOfDisk: null,
    ours: false,
    limits: { evaluationSeconds: 60, memoryBytes: 512 * 1024 ** 2 },
    names: { ...noNames, pkgs: ["hello", "nodejs", "nodejs_24", "python3", "jq"], lib: ["toUpper"] },
    ...more,
  }).failure

/** As Nix 2.8 says it, and as 2.20 to 2.35 do: the trace first, the error last. */
const messages = {
  syntax: [
    `error: syntax error, unexpected '}', expecting ';'

       at ${file}:3:1:

            2|   a = 1
            3| }
             | ^
            4|`,
    `error: syntax error, unexpected '}', expecting ';'
       at ${file}:3:1:
            2|   a = 1
            3| }
             | ^`,
  ],
  attribute: [
    `error: attribute 'helo' missing

       at ${file}:7:3:

            6|
            7|   pkgs.helo
             |   ^
       Did you mean one of hello or help?
(use '--show-trace' to show detailed location information)`,
    `error:
       … while calling the 'derivationStrict' builtin
         at <nix/derivation-internal.nix>:37:12:
           36|   strict = derivationStrict drvAttrs;
             |            ^

       … while evaluating the attribute 'x'
         at «string»:12:5:
           11| ours
           12| ours too
             |     ^

       (stack trace truncated; use '--show-trace' to show the full, detailed trace)

       error: attribute 'helo' missing
       at ${file}:7:3:
            6|
            7|   pkgs.helo
             |   ^
       Did you mean one of hello or help?`,
  ],
  access: [
    "error: access to absolute path '/etc/shadow' is forbidden in pure eval mode (use '--impure' to override)\n(use '--show-trace' to show detailed location information)",
    `error:
       … while calling the 'readFile' builtin
         at ${file}:1:16:
            1| { pkgs, ... }: builtins.readFile "/etc/shadow"
             |                ^

       error: access to absolute path '/etc/shadow' is forbidden in pure evaluation mode (use '--impure' to override)`,
  ],
}

describe.each([
  ["2.8", 0],
  ["2.20 and newer", 1],
] as const)("the messages of Nix %s", (_, version) => {
  test("a syntax error has its line and column", () => {
    const failure = explain(messages.syntax[version]!)
    expect(failure).toMatchObject({
      code: "evaluation-syntax",
      location: { file: "expression.nix", line: 3, column: 1 },
    })
    expect(failure.title).toContain("line 3, column 1")
    expect(failure.title).toContain("unexpected '}'")
  })
  test("a missing attribute has the names that Nix suggests", () => {
    const failure = explain(messages.attribute[version]!)
    expect(failure).toMatchObject({
      code: "evaluation-undefined",
      title: "There is no attribute “helo”.",
      next: "Did you mean hello or help?",
      location: { file: "expression.nix", line: 7, column: 3 },
    })
    expect(failure.lines.join("\n")).not.toMatch(/ours|nix\/store/)
  })
  test("a file of the machine is refused", () => {
    const failure = explain(messages.access[version]!)
    expect(failure).toMatchObject({
      code: "access-refused",
      title: "The expression may not read /etc/shadow.",
    })
    expect(failure.detail).not.toContain("--impure")
  })
})

describe("an evaluation that failed", () => {
  test("for a name says the nearest ones", () => {
    expect(explain("error: undefined variable 'nodej'").next).toBe("Did you mean nodejs?")
    expect(explain("error: undefined variable 'toUpper'").next).toBe("Did you mean lib.toUpper?")
    expect(explain("error: attribute 'pyton3' missing").next).toBe("Did you mean python3?")
    expect(explain("error: undefined variable 'zzzzzz'").next).toBe("Check the name.")
    expect(explain("error: function 'anonymous lambda' called without required argument 'nodjs'").next).toBe(
      "Did you mean nodejs?",
    )
  })
  test.each([
    ["time", { ended: { exitCode: null, signal: "SIGKILL", stopped: "time" as const } }, "60 seconds"],
    ["output", { ended: { exitCode: null, signal: "SIGKILL", stopped: "output" as const } }, "without end"],
    ["memory", { outOfMemory: true }, "512 MiB"],
    ["disk", { outOfDisk: "store" as const }, "wrote more"],
    ["the builder's disk", { outOfDisk: "builder" as const }, "less room than is left"],
    ["a segmentation fault", { ended: { exitCode: 139, signal: null, stopped: null } }, "infinite recursion"],
  ])("at its limit of %s says so", (_, more, text) => {
    const failure = explain("", more)
    expect(failure.code).toBe("evaluation-limit")
    expect(failure.title).toContain(text)
  })
  test.each([
    "error: stack overflow (possible infinite recursion)",
    "error: stack overflow; max-call-depth exceeded",
    `error: infinite recursion encountered\n\n       at ${file}:1:9:`,
    "Too many heap sections: Increase MAXHINCR or MAX_HEAP_SECTS\nOut of memory! Returning NULL!",
    "error: out of memory",
  ])("by itself: %j", (text) => expect(explain(text).code).toBe("evaluation-limit"))
  test("by throwing says the author's words", () => {
    expect(explain("error: set the colour first")).toMatchObject({
      code: "evaluation-failed",
      title: "The expression failed: set the colour first.",
    })
  })
  test("of a source without any Nix does not speak of an expression", () => {
    expect(
      explain("error: package-lock.json is of lockfileVersion 1: make it again", { ours: true }).title,
    ).toBe("It cannot be built: package-lock.json is of lockfileVersion 1: make it again.")
  })
  test("in the package set says the place in the expression, not ours", () => {
    const failure = explain(
      `error: value is an integer while a set was expected

       at /nix/store/${hash}-source/stdenv/x.nix:27:10:

           26|       }`,
    )
    expect(failure.location).toBeNull()
    expect(failure.lines.join()).toContain("packages/stdenv/x.nix")
  })
  test("in a repository names the file in it", () => {
    const failure = explain(
      `error: syntax error, unexpected ID\n\n       at /nix/store/${hash}-skypanel-source/nix/a.nix:2:4:\n`,
    )
    expect(failure.location).toEqual({ file: "nix/a.nix", line: 2, column: 4 })
  })
  test("for want of a derivation's output is refused", () => {
    expect(
      explain(
        `error: cannot build '/nix/store/${hash}-x.drv' during evaluation because the option 'allow-import-from-derivation' is disabled`,
      ).code,
    ).toBe("access-refused")
  })
  test("without a word is still explained", () => expect(explain("").code).toBe("evaluation-failed"))
})
