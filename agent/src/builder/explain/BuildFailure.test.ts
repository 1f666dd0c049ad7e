import { describe, expect, test } from "vitest"
import { explainBuild, type FailedBuild } from "./BuildFailure.ts"

const drv = "/nix/store/0123456789abcdfghijklmnpqrsvwxyz-web-1.0.0.drv"
const explain = (message: string, log: ReadonlyArray<string> = [], more: Partial<FailedBuild> = {}) =>
  explainBuild({
    messages: [message],
    logs: new Map([[drv, log]]),
    events: [],
    stopped: null,
    limits: { buildSeconds: 1800, memoryBytes: 2 * 1024 ** 3, logBytes: 1024 ** 2 },
    ...more,
  }).failure

const failed = {
  "2.8": `error: builder for '${drv}' failed with exit code 2`,
  "2.18": `error: builder for '${drv}' failed with exit code 2;\n       last 10 log lines:\n       > x\n       For full logs, run 'nix log ${drv}'.`,
  "2.30": `error: Cannot build '${drv}'.\n       Reason: builder failed with exit code 2.\n       Output paths:\n         /nix/store/x`,
}

describe("a build that failed", () => {
  test.each(Object.entries(failed))("with Nix %s names what failed and its exit code", (_, message) => {
    const failure = explain(message, [
      "cc main.c",
      "main.c:3:1: error: expected ';'",
      "make: *** [x] Error 1",
    ])
    expect(failure).toMatchObject({
      code: "build-failed",
      title: "Building web-1.0.0 failed with exit code 2.",
    })
    expect(failure.lines[0]).toContain("expected ';'")
    expect(failure.lines).not.toContain("cc main.c")
  })
  test.each([
    [
      "npm",
      ["> build", "npm error code ELIFECYCLE", "npm error A complete log of this run can be found in: /x"],
      "npm error code ELIFECYCLE",
    ],
    ["TypeScript", ["src/a.ts(3,5): error TS2322: Type 'string' is not assignable"], "TS2322"],
    [
      "Python",
      [
        "Traceback (most recent call last):",
        '  File "setup.py", line 3',
        "ModuleNotFoundError: No module named 'x'",
      ],
      "ModuleNotFoundError",
    ],
    ["Go", ["# web", "./main.go:7:2: undefined: foo"], "undefined: foo"],
    ["Node.js", ["node:internal/modules", "Error: Cannot find module 'x'"], "Cannot find module"],
    ["a shell", ["/bin/sh: 1: gcc: not found"], "gcc: not found"],
    ["Rust", ["error[E0425]: cannot find value `x`", " --> src/main.rs:2:5"], "E0425"],
  ])("in %s shows the line that says why", (_, log, line) => {
    expect(explain(failed["2.8"], ["noise", ...log, "noise"]).lines.join("\n")).toContain(line)
    expect(explain(failed["2.8"], ["noise", ...log]).lines).not.toContain("noise")
  })
  test("in Node.js says where, and shows the line of source", () => {
    const failure = explain(failed["2.8"], [
      "> node build.js",
      "/build/source/build.js:1",
      "syntax error here(",
      "       ^^^^^",
      "",
      "SyntaxError: Unexpected identifier 'error'",
      "    at wrapSafe (node:internal/modules/cjs/loader:1861:18)",
    ])
    expect(failure.location).toEqual({ file: "build.js", line: 1, column: 1 })
    expect(failure.lines).toEqual([
      "/build/source/build.js:1",
      "syntax error here(",
      "       ^^^^^",
      "SyntaxError: Unexpected identifier 'error'",
    ])
  })
  test("in an unknown way shows its last lines", () => {
    const log = Array.from({ length: 100 }, (_, n) => `step ${n}`)
    expect(explain(failed["2.8"], log).lines.at(-1)).toBe("step 99")
    expect(explain(failed["2.8"], log).lines.length).toBeLessThanOrEqual(40)
  })
  test.each([
    "npm error `npm ci` can only install packages when your package.json and package-lock.json or npm-shrinkwrap.json are in sync.",
    "npm error Missing: is-odd@3.0.1 from lock file",
    "npm ERR! code EINTEGRITY",
    "verifying example.org/x@v1.0.0: missing go.sum entry",
  ])("for its lock file: %s", (line) => expect(explain(failed["2.8"], [line]).code).toBe("lock-mismatch"))
  test("for a hash says both", () => {
    const failure = explain(
      `error: hash mismatch in fixed-output derivation '${drv}':\n         specified: sha256-AAA=\n            got:    sha256-BBB=`,
    )
    expect(failure).toMatchObject({
      code: "hash-mismatch",
      detail: "Specified sha256-AAA=, got sha256-BBB=.",
    })
  })
  test("for a hash of a lock file says where that is", () => {
    const locked = [
      { name: "web-1.0.1", file: "Cargo.lock", line: 4 },
      { name: "web-1.0.0", file: "api/Cargo.lock", line: 12 },
    ]
    const message = `error: hash mismatch in fixed-output derivation '${drv}':\n         specified: sha256-AAA=\n            got:    sha256-BBB=`
    expect(explain(message, [], { locked })).toMatchObject({
      code: "hash-mismatch",
      title: "api/Cargo.lock, line 12: web-1.0.0 is not the file that the hash there names.",
      detail: "Specified sha256-AAA=, got sha256-BBB=.",
      location: { file: "api/Cargo.lock", line: 12, column: 1 },
    })
  })
  test("for a hash that was learned says what the lock file says, and how to forget it", () => {
    const learns = [
      {
        kind: "go-modules" as const,
        subject: "go.sum",
        lock: `sha256:${"ab".repeat(32)}`,
        name: "web-1.0.0",
        hash: "sha256-AAA=",
      },
    ]
    const message = `error: hash mismatch in fixed-output derivation '${drv}':\n         specified: sha256-AAA=\n            got:    sha256-BBB=`
    expect(explain(message, [], { learns })).toMatchObject({
      code: "hash-mismatch",
      title: "The dependencies of go.sum are not what they were when their hash was learned.",
      detail: `The lock file says the same (${learns[0]!.lock}), yet other bytes came: expected sha256-AAA=, got sha256-BBB=.`,
    })
    const fetching = (line: string) => explain(failed["2.8"], ["some module", line], { learns })
    expect(fetching("fetch-failed: a v1: the module proxy does not have it (404)")).toMatchObject({
      code: "fetch-failed",
      title: "Fetching failed: a v1: the module proxy does not have it (404).",
    })
    expect(fetching("lock-mismatch: go.sum, line 7: the module proxy has another a v1")).toMatchObject({
      code: "lock-mismatch",
      title: "go.sum, line 7: the module proxy has another a v1.",
      location: { file: "go.sum", line: 7, column: 1 },
    })
    expect(explain(failed["2.8"], ["fetch-failed: said by somebody else"]).code).toBe("build-failed")
  })
  test.each([
    ["time", { stopped: "time" as const }, "30 minutes"],
    ["output", { stopped: "output" as const }, "1 MiB"],
    ["memory", { stopped: "memory" as const }, "2 GiB"],
    ["disk", { stopped: "disk" as const }, "wrote more"],
  ])("at its limit of %s says so", (_, more, text) => {
    const failure = explain(failed["2.8"], [], more)
    expect(failure.code).toBe("build-limit")
    expect(failure.title).toContain(text)
  })
  test.each([
    `error: building of '${drv}' timed out after 600 seconds of silence`,
    `error: building of '${drv}' timed out after 1800 seconds`,
    `error: ${drv} killed after writing more than 1000 bytes of log output`,
  ])("by Nix's own limits: %s", (message) => expect(explain(message).code).toBe("build-limit"))
  test("where no sandbox can be made is not the customer's fault", () => {
    expect(
      explain("error: cannot set up a private mount namespace for the sandbox: Operation not permitted").code,
    ).toBe("internal")
  })
  test("for the network says what it asked for", () => {
    const failure = explain(failed["2.8"], ["curl: (56) CONNECT tunnel failed, response 403"], {
      events: [
        {
          _tag: "refused",
          destination: { host: "10.0.0.1", port: 80 },
          reason: "builds reach public addresses only",
        },
      ],
    })
    expect(failure.detail).toContain("10.0.0.1:80")
  })
})
