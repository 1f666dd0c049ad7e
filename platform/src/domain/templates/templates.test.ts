import type { TemplateDefinition } from "@skypanel/contract/Template"
import {
  expressionOptions,
  optionProblems,
  optionSecrets,
  optionVariables,
  type TemplateOption,
  trialValue,
  valueProblems,
  whyNoValue,
} from "@skypanel/contract/TemplateOptions"
import { describe, expect, it } from "vitest"
import { compareVersions } from "./compareVersions.ts"
import { moveToVersion } from "./moveToVersion.ts"
import { shortDiff } from "./shortDiff.ts"

const option = (part: Partial<TemplateOption>): TemplateOption => ({
  name: "greeting",
  label: "Greeting",
  description: "",
  type: "text",
  required: false,
  default: null,
  choices: [],
  min: null,
  max: null,
  variable: null,
  ...part,
})

const definition = (part: Partial<TemplateDefinition> = {}): TemplateDefinition => ({
  title: "Wiki",
  description: "A wiki.",
  category: "web",
  icon: "",
  expression: "{ pkgs, ... }: pkgs.hello",
  port: 8080,
  healthPath: "/health",
  resources: { cpu: 0.25, memoryBytes: 2 ** 28, storageBytes: 2 ** 26 },
  environment: [],
  options: [],
  ...part,
})

describe("an option", () => {
  it.each([
    [{ type: "text", required: true }, "", "this is needed"],
    [{ type: "text", min: 3 }, "ab", "at least 3 characters"],
    [{ type: "number", max: 9 }, 10, "at most 9"],
    [{ type: "number" }, "9", "write a number"],
    [{ type: "choice", choices: ["a", "b"] }, "c", "choose one of a, b"],
    [{ type: "boolean" }, "yes", "say yes or no"],
    [{ type: "boolean" }, true, null],
    [{ type: "choice", choices: ["a"] }, "a", null],
  ] as const)("%j with %j: %s", (part, value, message) => {
    expect(whyNoValue(option(part), value)).toBe(message)
  })

  it("is refused where its author contradicts themselves, each by its place", () => {
    const wrong = [
      option({ default: "x", min: 2 }),
      option({ type: "secret" }),
      option({ name: "a", type: "choice", variable: "PORT" }),
      option({ name: "b", variable: "PORT", min: 2, max: 1 }),
    ]
    expect(optionProblems(wrong).map(({ path }) => path)).toEqual([
      "options.0.default",
      "options.1.name",
      "options.1.variable",
      "options.2.variable",
      "options.2.choices",
      "options.3.variable",
      "options.3.variable",
      "options.3.max",
    ])
  })

  it("with a variable is none of the build's business", () => {
    const options = [option({ default: "hi" }), option({ name: "key", type: "secret", variable: "KEY" })]
    const values = { key: "s3cret" }
    expect(expressionOptions(options, values)).toEqual({ greeting: "hi" })
    expect(optionVariables(options, values)).toEqual({})
    expect(optionSecrets(options, values)).toEqual({ KEY: "s3cret" })
  })

  it("that is needed has to be chosen, unless its variable has a value", () => {
    const options = [option({ required: true }), option({ name: "key", required: true, variable: "KEY" })]
    expect(valueProblems(options, { other: 1 }).map(({ path }) => path)).toEqual([
      "source.options.other",
      "source.options.greeting",
      "source.options.key",
    ])
    expect(valueProblems(options, { greeting: "x" }, { KEY: "there" })).toEqual([])
  })

  it.each([
    { type: "text", min: 12, max: 20 },
    { type: "text", max: 3 },
    { type: "number", max: -4 },
    { type: "number", min: 5 },
    { type: "choice", choices: ["one"] },
    { type: "boolean" },
  ] as const)("has a value for a trial: %j", (part) => {
    expect(whyNoValue(option(part), trialValue(option(part)))).toBeNull()
  })
})

describe("the difference of two versions", () => {
  it("has options, configuration and the lines of the expression", () => {
    const before = definition({ expression: "a\nb\nc\n", options: [option({}), option({ name: "gone" })] })
    const after = definition({
      expression: "a\nB\nc\n",
      port: 9000,
      options: [option({ default: "hi" }), option({ name: "fresh", type: "boolean", required: true })],
      environment: [{ name: "LOG", value: "info", description: "" }],
    })
    expect(compareVersions({ number: 3, definition: before }, { number: 4, definition: after })).toEqual({
      before: 3,
      after: 4,
      options: [
        { field: "greeting", before: "text, may be left out", after: 'text, may be left out, default "hi"' },
        { field: "gone", before: "text, may be left out", after: null },
        { field: "fresh", before: null, after: "boolean, needed" },
      ],
      configuration: [
        { field: "port", before: "8080", after: "9000" },
        { field: "variable LOG", before: null, after: "info" },
      ],
      expression: [
        { mark: " ", text: "a" },
        { mark: "-", text: "b" },
        { mark: "+", text: "B" },
        { mark: " ", text: "c" },
        { mark: " ", text: "" },
      ],
    })
  })

  it("leaves out lines that no change is near, and is quick with long ones", () => {
    const lines = Array.from({ length: 9000 }, (_, n) => `line ${n}`)
    const shown = shortDiff(lines.join("\n"), lines.with(10, "other").join("\n"))
    expect(shown.map(({ mark }) => mark).join("")).toBe("…   -+   …")
    expect(shortDiff(lines.join("\n"), lines.toReversed().join("\n"))).toHaveLength(18_000)
  })
})

describe("a service that moves to another version", () => {
  const before = definition({
    environment: [
      { name: "LOG", value: "info", description: "" },
      { name: "OLD", value: "1", description: "" },
      { name: "KEPT", value: "1", description: "" },
    ],
    options: [option({}), option({ name: "level", type: "number" }), option({ name: "gone" })],
  })
  const after = definition({
    port: 9000,
    environment: [
      { name: "LOG", value: "warn", description: "" },
      { name: "KEPT", value: "2", description: "" },
      { name: "NEW", value: "n", description: "" },
    ],
    options: [option({}), option({ name: "level", type: "number", max: 3 })],
  })

  it("keeps what was chosen, and follows the defaults that nobody changed", () => {
    const service = {
      options: { greeting: "mine", level: 7, gone: "x" },
      environment: { LOG: "info", OLD: "1", KEPT: "changed", OWN: "o" },
      resources: { ...before.resources, cpu: 1 },
      port: 8080,
      healthPath: "/mine",
    }
    expect(moveToVersion(service, before, after)).toEqual({
      options: { greeting: "mine" },
      environment: { LOG: "warn", KEPT: "changed", OWN: "o", NEW: "n" },
      resources: service.resources,
      port: 9000,
      healthPath: "/mine",
    })
  })

  it("does not get back a port that was taken away, and loses its health path with the template's", () => {
    const service = { options: {}, environment: {}, resources: before.resources }
    const reached = (port: number | null, healthPath: string | null, to = after) =>
      moveToVersion({ ...service, port, healthPath }, before, to)
    expect(reached(null, null)).toMatchObject({ port: null, healthPath: null })
    const without = { ...after, port: null, healthPath: null }
    expect(reached(8080, "/mine", without)).toMatchObject({ port: null, healthPath: null })
    expect(reached(3000, "/mine", without)).toMatchObject({ port: 3000, healthPath: "/mine" })
  })

  it("does not get back a variable that was taken out", () => {
    const service = { options: {}, environment: {}, resources: before.resources, port: 1, healthPath: null }
    expect(moveToVersion(service, before, after).environment).toEqual({ NEW: "n" })
  })

  it("leaves to be asked for what became secret: it would be a variable in clear", () => {
    const chosen = definition({ options: [option({ name: "key" })] })
    const secret = definition({ options: [option({ name: "key", type: "secret", variable: "KEY" })] })
    const kept = { environment: {}, resources: before.resources, port: 1, healthPath: null }
    const service = { ...kept, options: { key: "mine" } }
    const moved = moveToVersion(service, chosen, secret)
    expect([moved.options, moved.environment]).toEqual([{}, {}])
  })
})
