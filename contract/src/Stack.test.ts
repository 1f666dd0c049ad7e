import { Schema } from "effect"
import { expect, it } from "vitest"
import { CreateStack, stackServicesMost } from "./Stack.ts"

const settingsOf = (count: number) =>
  Schema.is(CreateStack)({
    name: "shop",
    template: "web-postgres",
    services: Object.fromEntries(Array.from({ length: count }, (_, at) => [`s${at}`, {}])),
  })

it("is set of no more services than a stack may have", () => {
  expect([settingsOf(stackServicesMost), settingsOf(stackServicesMost + 1)]).toEqual([true, false])
})
