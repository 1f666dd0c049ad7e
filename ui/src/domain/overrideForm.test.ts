import type { Source } from "@skypanel/contract/Source"
import { expect, test } from "vitest"
import { overrideFields, overridesIn, withOverrides } from "./overrideForm.ts"

const git: Source = { _tag: "git", url: "https://example.org/x.git", ref: null }

test("what was typed is said, and what a service says stands in the fields", () => {
  const form = {
    overrides: {
      "build.path": " apps/web ",
      "start.process": "worker",
      "build.command": " ",
      arguments: "A=b=c\n\n B = 2\nbad name=1\nALONE",
    },
  }
  const overrides = {
    build: { path: "apps/web" },
    start: { process: "worker" },
    arguments: { A: "b=c", B: " 2", "bad name": "1", ALONE: "" },
  }
  expect(overridesIn(form)).toEqual(overrides)
  expect(withOverrides(git, form)).toEqual({ ...git, overrides })
  expect(overrideFields({ ...git, overrides }).overrides).toEqual({
    "build.path": "apps/web",
    "start.process": "worker",
    arguments: "A=b=c\nB= 2\nbad name=1\nALONE=",
  })
})

test("empty fields say nothing, and take back what was said", () => {
  const empty = { overrides: {} }
  expect(withOverrides(git, empty)).toEqual(git)
  expect(withOverrides(git, empty, { ...git, overrides: { build: { path: "x" } } })).toEqual({
    ...git,
    overrides: {},
  })
  expect(withOverrides({ _tag: "image", reference: "x" }, { overrides: { "build.path": "x" } })).toEqual({
    _tag: "image",
    reference: "x",
  })
})
