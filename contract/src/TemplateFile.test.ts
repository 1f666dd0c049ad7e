import { Schema } from "effect"
import { expect, it } from "vitest"
import { TemplateDefinition } from "./Template.ts"
import { readTemplateFile } from "./TemplateFile.ts"

const text = JSON.stringify({
  name: "wiki",
  title: "Wiki",
  description: "A wiki.",
  category: "web",
  port: 8080,
  resources: { cpu: 0.25, memoryBytes: 2 ** 28, storageBytes: 2 ** 26 },
  environment: { LOG: { default: "info" } },
  options: {
    theme: { type: "choice", choices: ["a"], default: "a" },
    key: { type: "secret", variable: "KEY" },
  },
})

it("is read with what goes without saying, and is a definition with expression and icon", () => {
  const first = readTemplateFile(text)
  expect(first).toMatchObject({
    issues: null,
    name: "wiki",
    definition: {
      healthPath: null,
      environment: [{ name: "LOG", value: "info", description: "" }],
      options: [
        { name: "theme", label: "theme", required: false },
        { variable: "KEY", default: null },
      ],
    },
  })
  const written = { ...(first as { definition: object }).definition, icon: "", expression: "x" }
  expect(Schema.is(TemplateDefinition)(written)).toBe(true)
})

it.each([
  ["{", "it is not JSON"],
  ["[]", "it is not an object"],
  ['{"options":[]}', "write an object with an object for each name"],
])("that is none is refused: %s", (text, message) => {
  expect(readTemplateFile(text).issues).toMatchObject([{ message }])
})
