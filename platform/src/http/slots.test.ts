import { expect, test } from "vitest"
import { makeSlots } from "./slots.ts"

test("there are so many slots together, and so many for each", () => {
  const take = makeSlots(3, 2)
  const first = take("a")
  expect(first).not.toBeNull()
  expect(take("a")).not.toBeNull()
  expect(take("a")).toBeNull()
  expect(take("b")).not.toBeNull()
  expect(take("b")).toBeNull()
  expect(take("c")).toBeNull()
  first!()
  first!()
  expect(take("c")).not.toBeNull()
  expect(take("a")).toBeNull()
})
