import type { StackPart, StackTemplate } from "@skypanel/contract/Stack"
import { expect, it } from "vitest"
import { emptyStack, formOfPart, noteOnValue, readStackForm } from "./stackForm.ts"

const url = "postgresql://app:${db.password}@${db.host}:${db.port}/app"
const part = (key: string, more: Partial<StackPart> = {}) =>
  ({
    key,
    resources: { cpu: 1, memoryBytes: 1, storageBytes: 1 },
    secrets: [],
    environment: {},
    ...more,
  }) as unknown as StackPart
const db = part("db", { secrets: ["password"] })
const web = part("web", { environment: { DATABASE_URL: url } })
const template = { name: "both", services: [db, web] } as unknown as StackTemplate

it("asks for what was typed and nothing else", () => {
  const form = {
    ...emptyStack,
    name: " shop ",
    parts: {
      web: { ...formOfPart(web), git: "https://example.com/a.git", memory: "512 MiB" },
      db: { ...formOfPart(db), volume: "5 GiB" },
    },
  }
  expect(readStackForm(form, template).request).toEqual({
    name: "shop",
    template: "both",
    services: {
      web: {
        source: { _tag: "git", url: "https://example.com/a.git", ref: null },
        resources: { cpu: 1, memoryBytes: 2 ** 29, storageBytes: 1 },
      },
      db: { volumeBytes: 5 * 2 ** 30 },
    },
  })
})

it("asks for what is fetched besides of a repository, and of none that is not named", () => {
  const fetched = { ...formOfPart(web), submodules: true, lfs: true }
  const form = {
    ...emptyStack,
    name: "shop",
    parts: { web: { ...fetched, git: "https://example.com/a.git" } },
  }
  expect(readStackForm(form, template).request?.services).toEqual({
    web: {
      source: { _tag: "git", url: "https://example.com/a.git", ref: null, submodules: true, lfs: true },
    },
  })
  expect(readStackForm({ ...form, parts: { web: fetched } }, template).request?.services).toEqual({})
})

it("names what is wrong", () => {
  const form = { ...emptyStack, parts: { db: { ...formOfPart(db), volume: "much" } } }
  expect(readStackForm(form, template).issues?.map(({ path }) => path)).toEqual(["db.volume", "name"])
})

it("asks for those variables that are otherwise than in the template", () => {
  const variables = [
    ...formOfPart(web).variables,
    { name: "GREETING", value: "Hoi" },
    { name: "", value: "" },
  ]
  const form = { ...emptyStack, name: "shop", parts: { web: { ...formOfPart(web), variables } } }
  expect(readStackForm(form, template).request?.services).toEqual({
    web: { environment: { GREETING: "Hoi" } },
  })
  const doubled = [...variables, { name: "GREETING", value: "Sali" }, { name: "", value: "x" }]
  const wrong = { ...form, parts: { web: { ...formOfPart(web), variables: doubled } } }
  expect(readStackForm(wrong, template).issues?.map(({ path }) => path)).toEqual([
    "web.environment.GREETING",
    "web.environment.",
  ])
})

it("says of a value what is generated, and what is filled in later", () => {
  expect(noteOnValue(url, template.services)).toBe(
    "db.password is generated for this stack. db.host and db.port: filled in when it is started.",
  )
  expect(noteOnValue("plain ${HOME}", template.services)).toBe("")
})
