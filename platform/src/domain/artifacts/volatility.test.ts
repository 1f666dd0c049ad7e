import { expect, it } from "vitest"
import { heights, isStable } from "./volatility.ts"

const path = (name: string, more: { substituted?: boolean; shared?: boolean } = {}) =>
  isStable({ name, substituted: false, shared: false, ...more }, "shop-1.0")

it("takes packages for stable, and the application and what is named after it for volatile", () => {
  expect(path("nodejs-22.1.0")).toBe(true)
  expect(path("shop-1.0")).toBe(false)
  expect(path("shop-modules-1.0")).toBe(false)
  expect(path("source")).toBe(false)
  expect(path("source", { shared: true })).toBe(true)
  expect(path("source", { substituted: true })).toBe(true)
})

it("counts the height of a graph, with references to itself", () => {
  const graph = new Map([
    ["app", ["node", "libc", "app"]],
    ["node", ["libc"]],
    ["libc", ["libc"]],
  ])
  expect([...heights(graph)].sort()).toEqual([
    ["app", 2],
    ["libc", 0],
    ["node", 1],
  ])
})
