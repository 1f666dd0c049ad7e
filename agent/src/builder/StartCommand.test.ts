import { expect, test } from "vitest"
import { chooseProgram } from "./StartCommand.ts"

test.each([
  ["its main program", "serve", "web", ["a", "serve"], "serve"],
  ["the only program, when the main one is not there", "gone", "web", ["a"], "a"],
  ["the only program", null, "web", ["a"], "a"],
  ["the program of its name", null, "web", ["a", "web"], "web"],
  ["nothing when it is not clear", null, "web", ["a", "b"], null],
  ["nothing when there is nothing", "serve", "web", [], null],
])("a closure starts with %s", (_, mainProgram, pname, programs, expected) => {
  expect(chooseProgram({ mainProgram, pname }, programs)).toBe(expected)
})
