import { AddTemplate } from "@skypanel/contract/Template"
import { Schema } from "effect"
import { describe, expect, it } from "vitest"
import { wiki } from "../../test/contract-server/scenery.ts"
import { sampleTemplate } from "./sampleTemplate.ts"
import {
  emptyOption,
  formIssues,
  formOfTemplate,
  moveOption,
  nextId,
  previewOptions,
  readTemplateForm,
} from "./templateForm.ts"

const { definition } = wiki.versions[0]!
const form = formOfTemplate("wiki", false, definition)
const option = emptyOption(7)

describe("a template's form", () => {
  it.each([definition, sampleTemplate, { ...sampleTemplate, port: null, healthPath: null }])(
    "gives back what it was made from",
    (one) => {
      const read = readTemplateForm(formOfTemplate("wiki", true, one))
      expect(read).toMatchObject({ request: { name: "wiki", everyone: true, definition: one } })
      expect(() => Schema.decodeUnknownSync(AddTemplate)((read as { request: object }).request)).not.toThrow()
    },
  )

  it("reads an option by its type, and leaves out what that has no use for", () => {
    const read = (part: object) =>
      (
        readTemplateForm({ ...form, options: [{ ...option, name: "a", ...part }] }) as never as {
          request: { definition: { options: readonly object[] } }
        }
      ).request.definition.options[0]
    expect(read({ type: "number", default: "2,5", min: "-3", max: "9", choices: "x" })).toMatchObject({
      ...{ default: 2.5, min: -3, max: 9, choices: [] },
    })
    expect(read({ type: "boolean", default: "true", min: "1" })).toMatchObject({ default: true, min: null })
    expect(read({ type: "choice", choices: " a \n\nb", default: "b", max: "1" })).toMatchObject({
      ...{ choices: ["a", "b"], default: "b", max: null },
    })
    expect(read({ type: "secret", default: "x", variable: " KEY " })).toMatchObject({
      ...{ default: null, variable: "KEY" },
    })
  })

  it("says what is wrong at the option that it belongs to", () => {
    const options = [
      { ...option, name: "a" },
      { ...option, name: "a", type: "number" as const, min: "much" },
    ]
    expect(readTemplateForm({ ...form, options }).issues).toEqual([
      { path: "options.1.min", message: "write a number" },
    ])
    expect(
      readTemplateForm({ ...form, options: [options[0]!, { ...options[1]!, min: "", type: "secret" }] })
        .issues,
    ).toMatchObject([{ path: "options.1.name" }, { path: "options.1.variable" }])
    expect(readTemplateForm({ ...form, memory: "much" }).issues).toMatchObject([
      { path: "resources.memoryBytes" },
    ])
    expect(formIssues([{ path: "definition.title", message: "" }])).toEqual([{ path: "title", message: "" }])
  })

  it("moves an option, and gives each new one an id of its own", () => {
    const ids = (options: readonly { id: number }[]) => options.map(({ id }) => id)
    expect(ids(moveOption(form.options, 0, 1))).toEqual([1, 0, 2])
    expect(ids(moveOption(form.options, 0, -1))).toEqual([0, 1, 2])
    expect(ids(moveOption(form.options, 2, 1))).toEqual([0, 1, 2])
    expect([nextId(form.options), nextId([])]).toEqual([3, 0])
  })

  it("shows the customer's form also while it is half written", () => {
    expect(previewOptions([{ ...option, type: "number", default: "much" }])).toMatchObject([
      { name: "option-7", label: "Option", default: null },
    ])
  })
})
