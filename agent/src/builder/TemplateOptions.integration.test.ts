import { readFileSync } from "node:fs"
import type { BuildAssignment } from "@skypanel/contract/BuildAssignment"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { assignment, openWorkbench, type Workbench } from "./testing/Workbench.ts"

let bench: Workbench
beforeAll(async () => {
  bench = await openWorkbench()
}, 180_000)
afterAll(async () => {
  await bench?.close()
})

const build = async (expression: string, options: NonNullable<BuildAssignment["options"]>) => {
  const build = { ...assignment({ _tag: "expression", expression }), options }
  await bench.assign(build)
  return (await bench.finished(build.id)).observed
}

const greeter = `{ pkgs, options, ... }:
pkgs.writeShellScriptBin "greet" ''
  echo \${pkgs.lib.escapeShellArg options.greeting} \${toString (options.times * 2)} \${if options.loud then "loud" else "quiet"}
''`

describe("a template's expression", { timeout: 60_000 }, () => {
  test("reads what was chosen, whatever it is, and is built anew when that changes", async () => {
    const greeting = `it's \${pkgs} '' " \\ \n ü`
    const first = await build(greeter, { greeting, times: 2, loud: true })
    expect(first.failure).toBeNull()
    expect(first.result).toMatchObject({ recognisedAs: "template" })
    const script = readFileSync(first.result!.command[0]!, "utf8")
    expect(script).toContain(`'it'\\''s \${pkgs} '\\'''\\'' " \\ \n ü' 4 loud`)
    const second = await build(greeter, { greeting, times: 3, loud: false })
    expect(second.result?.storePath).not.toBe(first.result?.storePath)
    const again = await build(greeter, { greeting, times: 2, loud: true })
    expect(again.result?.storePath).toBe(first.result?.storePath)
  })

  test("that asks for no options, or is a function of pkgs, is as any other", async () => {
    const plain = `{ pkgs }: pkgs.writeShellScriptBin "plain" "true"`
    expect((await build(plain, { greeting: null })).failure).toBeNull()
    expect((await build(`scope: scope.pkgs.writeShellScriptBin "plain" "true"`, {})).failure).toBeNull()
  })

  test.each([
    [
      "{ pkgs, ... }: pkgs.hello-wrold",
      { code: "evaluation-undefined", location: { file: "expression.nix" } },
    ],
    ["{ pkgs, options }: options.greting", { code: "evaluation-undefined" }],
    ["{ pkgs, options }: options", { code: "evaluation-failed" }],
    ['{ pkgs, ... }: pkgs.runCommand "x" { } "echo why not; exit 3"', { code: "build-failed" }],
  ])("that is broken is explained as an expression is: %s", async (expression, failure) => {
    expect((await build(expression, { greeting: "x" })).failure).toMatchObject(failure)
  })
})
