import type { Service } from "@skypanel/contract/Service"
import type { Template } from "@skypanel/contract/Template"
import type { TemplateOption } from "@skypanel/contract/TemplateOptions"
import { describe, expect, it } from "vitest"
import { formatPrice } from "./money.ts"
import {
  asName,
  chooseDoor,
  chooseTemplate,
  emptyForm,
  formOfService,
  resourcesOf,
  type ServiceForm,
  withSuggestedName,
} from "./serviceForm.ts"
import { readCreate, readUpdate } from "./serviceRequest.ts"

const MiB = 2 ** 20
const git: ServiceForm = {
  ...emptyForm,
  door: "git",
  url: " https://git.example.org/acme/shop.git ",
  name: "shop",
}

const template: Template = {
  name: "nodejs",
  owner: "skypanel",
  title: "Node.js",
  description: "",
  version: "1",
  category: "Language",
  icon: "",
  resources: { cpu: 0.5, memoryBytes: 512 * MiB, storageBytes: 64 * MiB },
  port: 3000,
  healthPath: "/health",
  environment: [{ name: "GREETING", value: "Hello", description: "" }],
  options: [],
}

const option = (part: Partial<TemplateOption>): TemplateOption => ({
  name: "level",
  label: "Level",
  description: "",
  type: "number",
  required: true,
  default: null,
  choices: [],
  min: null,
  max: 9,
  variable: null,
  ...part,
})

describe("the form of a new service", () => {
  it("has what the template asks, as its types have it", () => {
    const asks = {
      ...template,
      options: [option({}), option({ name: "note", type: "text", required: false })],
    }
    const chosen = chooseTemplate(emptyForm, asks)
    expect(readCreate(chosen).issues).toEqual([{ path: "source.options.level", message: "this is needed" }])
    const wrong = (level: string) => readCreate({ ...chosen, options: { level } }).issues
    expect(wrong("x")).toEqual([{ path: "source.options.level", message: "write a number" }])
    expect(wrong("10")).toEqual([{ path: "source.options.level", message: "at most 9" }])
    expect(readCreate({ ...chosen, options: { level: "4", note: "" } })).toMatchObject({
      request: { source: { _tag: "template", template: "nodejs", options: { level: 4 } } },
    })
  })

  it("becomes the request", () => {
    expect(readCreate({ ...git, memory: "1 GiB", cpu: "0,5", healthPath: " /ok " })).toEqual({
      issues: null,
      request: {
        name: "shop",
        source: { _tag: "git", url: "https://git.example.org/acme/shop.git", ref: null },
        environment: {},
        resources: { cpu: 0.5, memoryBytes: 1024 * MiB, storageBytes: 64 * MiB },
        replicas: 1,
        volume: null,
        port: 8080,
        healthPath: "/ok",
      },
    })
  })

  it("names each field that holds no value", () => {
    const { issues } = readCreate({
      ...git,
      url: "",
      cpu: "much",
      memory: "",
      port: "http",
      variables: [
        { name: "A", value: "1" },
        { name: "A", value: "2" },
        { name: "", value: "3" },
      ],
    })
    expect(issues?.map(({ path }) => path)).toEqual([
      "source.url",
      "resources.cpu",
      "resources.memoryBytes",
      "port",
      "environment.A",
      "environment.",
    ])
  })

  it("takes what a template brings, and keeps what was typed", () => {
    const form = chooseTemplate(
      {
        ...emptyForm,
        variables: [
          { name: "GREETING", value: "Ahoi" },
          { name: "MINE", value: "1" },
        ],
      },
      template,
    )
    expect(form).toMatchObject({
      name: "nodejs",
      cpu: "0.5",
      memory: "512 MiB",
      port: "3000",
      healthPath: "/health",
    })
    expect(form.variables).toEqual([
      { name: "GREETING", value: "Ahoi" },
      { name: "MINE", value: "1" },
    ])
    expect(chooseTemplate({ ...emptyForm, name: "mine", named: true }, template).name).toBe("mine")
  })

  it("forgets what only the template had filled in when another door is taken", () => {
    const form = chooseTemplate(emptyForm, template)
    const typed = { ...form, port: "4000", variables: [...form.variables, { name: "MINE", value: "1" }] }
    expect(chooseDoor(typed, "expression")).toMatchObject({
      name: "hello",
      template: "",
      port: "4000",
      healthPath: "",
      variables: [{ name: "MINE", value: "1" }],
    })
    expect(chooseDoor(form, "template")).toEqual(form)
  })

  it("runs without a port, whatever stands in the fields, and leaves it to a source that may say it", () => {
    const wish = (change: object) => readCreate({ ...git, ...change })
    expect(wish({ hasPort: false, port: "x", healthPath: "/ok" })).toMatchObject({
      request: { port: null, healthPath: null },
    })
    const left = wish({ port: "" })
    expect(left.issues).toBeNull()
    expect(left.issues === null && Object.keys(left.request)).not.toContain("port")
    expect(wish({ door: "expression", port: "" }).issues).toMatchObject([{ path: "port" }])
    expect(chooseDoor(chooseTemplate(emptyForm, { ...template, port: null }), "git")).toMatchObject({
      hasPort: true,
      port: "",
    })
  })

  it.each([
    ["https://git.example.org/acme/Web_Shop.git", "web-shop"],
    ["git@git.example.org:acme/api", "api"],
    ["https://git.example.org/acme/3scale/", "scale"],
    ["", ""],
  ])("suggests a name for %s", (url, name) => {
    expect(withSuggestedName({ ...emptyForm, door: "git", url }).name).toBe(name)
  })

  it("makes names that the contract takes", () => {
    expect(asName(`${"x".repeat(29)}-y`)).toBe("x".repeat(29))
    expect(asName("--Ünï")).toBe("n")
  })

  it("has no price while a number is none", () => {
    expect(resourcesOf({ cpu: "1", memory: "1GiB", storage: "" })).toBeNull()
    expect(formatPrice(4109)).toEqual({ hour: "$0.0041", month: "$3.00" })
  })
})

describe("the form of a service that is there", () => {
  const service = {
    name: "shop",
    source: { ref: null, url: "https://git.example.org/a", _tag: "git" },
    environment: { A: "1" },
    secrets: [],
    resources: template.resources,
    replicas: 2,
    volume: null,
    port: 3000,
    healthPath: null,
  } as unknown as Service

  it("leaves out a source that has not changed, so that nothing is built", () => {
    const form = formOfService(service)
    expect(readUpdate(form, service)).toEqual({
      issues: null,
      request: {
        environment: { A: "1" },
        resources: template.resources,
        replicas: 2,
        volume: null,
        port: 3000,
        healthPath: null,
      },
    })
    const source = {
      _tag: "template",
      template: "wiki",
      version: 2,
      owner: "organization",
      options: { heading: "Hi" },
    }
    const bot = { ...service, port: null }
    expect(readUpdate(formOfService(bot), bot)).toMatchObject({ request: { port: null } })
    // What it shall listen on, nobody but who says so can know.
    expect(readUpdate({ ...formOfService(bot), hasPort: true }, bot).issues).toMatchObject([{ path: "port" }])
    const wiki = { ...service, source } as unknown as Service
    const same = readUpdate(formOfService(wiki), wiki)
    expect(same.issues === null && Object.keys(same.request)).not.toContain("source")
    const changed = readUpdate({ ...form, ref: "v2" }, service)
    expect(changed.issues === null && changed.request.source).toEqual({
      _tag: "git",
      url: "https://git.example.org/a",
      ref: "v2",
    })
  })
})
