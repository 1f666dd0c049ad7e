import { Schema } from "effect"
import { describe, expect, it } from "vitest"
import { Source } from "./Source.ts"
import { TemplateDefinition } from "./Template.ts"

const option = {
  name: "theme",
  label: "Theme",
  description: "",
  type: "choice",
  required: false,
  default: "light",
  choices: ["light"],
  min: null,
  max: null,
  variable: null,
}
const definition = {
  title: "Wiki",
  description: "A wiki. \u{1f600}",
  category: "web",
  icon: "",
  expression: "{ pkgs, ... }:\npkgs.hello # \u{1f600}",
  port: 8080,
  healthPath: null,
  resources: { cpu: 0.25, memoryBytes: 2 ** 28, storageBytes: 2 ** 26 },
  environment: [{ name: "LOG", value: "info", description: "" }],
  options: [option],
}
const isDefinition = Schema.is(TemplateDefinition)

describe.each(["\0", "\ud800"])("what cannot be kept (%j)", (character) => {
  const bad = `a${character}b`

  it.each<[string, object]>([
    ["title", { title: bad }],
    ["description", { description: bad }],
    ["icon", { icon: bad }],
    ["expression", { expression: bad }],
    ["value", { environment: [{ name: "LOG", value: bad, description: "" }] }],
    ["variable's description", { environment: [{ name: "LOG", value: "", description: bad }] }],
    ["label", { options: [{ ...option, label: bad }] }],
    ["option's description", { options: [{ ...option, description: bad }] }],
    ["choice", { options: [{ ...option, choices: [bad] }] }],
    ["default", { options: [{ ...option, default: bad }] }],
  ])("is no template's %s", (_, part) => {
    expect(isDefinition(definition)).toBe(true)
    expect(isDefinition({ ...definition, ...part })).toBe(false)
  })

  it("is in no expression", () => {
    expect(Schema.is(Source)({ _tag: "expression", expression: "1 +\n1" })).toBe(true)
    expect(Schema.is(Source)({ _tag: "expression", expression: bad })).toBe(false)
  })
})
