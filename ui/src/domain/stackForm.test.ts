import type { StackPart, StackTemplate } from "@skypanel/contract/Stack"
import { expect, it } from "vitest"
import { emptyPart, emptyStack, readStackForm } from "./stackForm.ts"

const part = (key: string) =>
  ({ key, resources: { cpu: 1, memoryBytes: 1, storageBytes: 1 }, secrets: [] }) as unknown as StackPart
const template = { name: "both", services: [part("db"), part("web")] } as unknown as StackTemplate

it("asks for what was typed and nothing else", () => {
  const form = {
    ...emptyStack,
    name: " shop ",
    parts: {
      web: { ...emptyPart, git: "https://example.com/a.git", memory: "512 MiB" },
      db: { ...emptyPart, volume: "5 GiB" },
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

it("names what is wrong", () => {
  const form = { ...emptyStack, parts: { db: { ...emptyPart, volume: "much" } } }
  expect(readStackForm(form, template).issues?.map(({ path }) => path)).toEqual(["db.volume", "name"])
})
