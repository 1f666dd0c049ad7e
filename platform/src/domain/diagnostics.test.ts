import type { DeploymentFailure } from "@skypanel/contract/Deployment"
import { describe, expect, it } from "vitest"
import { diagnosticOf } from "./diagnostics.ts"

const failure = (
  code: DeploymentFailure["code"],
  title: string,
  location: DeploymentFailure["location"],
): DeploymentFailure => ({ step: "building", code, title, detail: "", next: "", lines: [], location })
const at = (line: number, column: number, file = "expression.nix") => ({ file, line, column })
const placeIn = (expression: string, found: DeploymentFailure) =>
  diagnosticOf(found, { _tag: "expression", expression }).place
const missing = (name: string, column: number) =>
  failure("evaluation-undefined", `There is no attribute “${name}”.`, at(1, column))

describe("what is wrong, in its place", () => {
  it("is the name that is not there, wherever this Nix points", () => {
    for (const column of [9, 14])
      expect(placeIn("{ pkgs }: pkgs.helo", missing("helo", column))).toMatchObject({
        column: 16,
        endColumn: 20,
      })
  })
  it("is the name as a whole", () => {
    expect(placeIn("pkgs.helots.x pkgs.helo", missing("helo", 1))).toMatchObject({
      column: 20,
      endColumn: 24,
    })
  })
  it("is after letters of several bytes", () => {
    expect(placeIn('"äöü" + pkgs.helo', missing("helo", 12))).toMatchObject({ column: 14, endColumn: 18 })
  })
  it("is one sign where there is no word", () => {
    const syntax = failure("evaluation-syntax", "unexpected '}'", at(2, 3))
    expect(placeIn("{\n  }", syntax)).toMatchObject({ line: 2, column: 3, endColumn: 4 })
    expect(placeIn("{", syntax)).toMatchObject({ line: 2, column: 1, endColumn: 2 })
  })
  it("is in another file as it was told, and nowhere where it is everywhere", () => {
    expect(placeIn("x", failure("evaluation-failed", "", at(7, 5, "lib/x.nix")))).toEqual({
      file: "lib/x.nix",
      line: 7,
      column: 5,
      endColumn: 6,
    })
    expect(placeIn("x", failure("evaluation-limit", "", null))).toBeNull()
  })
})
