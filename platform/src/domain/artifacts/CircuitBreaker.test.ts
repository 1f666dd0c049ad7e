import { expect, it } from "vitest"
import { CircuitBreaker } from "./CircuitBreaker.ts"

const broken = () => {
  const breaker = new CircuitBreaker(3, 1000)
  for (let round = 0; round < 3; round++) breaker.failed(0)
  return breaker
}

it("lets everything through while failures are not in a row", () => {
  const breaker = new CircuitBreaker(3, 1000)
  for (let round = 0; round < 5; round++) {
    breaker.failed(0)
    breaker.failed(0)
    breaker.succeeded()
  }
  expect(breaker.admits(0)).toBe(true)
})

it("lets nothing through after three, and one when it has cooled down", () => {
  const breaker = broken()
  expect(breaker.admits(999)).toBe(false)
  expect(breaker.admits(1000)).toBe(true)
  expect(breaker.admits(1000)).toBe(false)
})

it("opens again when that one fails, and closes when it succeeds", () => {
  const failing = broken()
  failing.admits(1000)
  failing.failed(1500)
  expect(failing.admits(2499)).toBe(false)
  expect(failing.admits(2500)).toBe(true)
  failing.succeeded()
  expect(failing.admits(2500)).toBe(true)
  expect(failing.admits(2500)).toBe(true)
})

it("does not wait for ever for one whose end nobody told", () => {
  const breaker = broken()
  expect(breaker.admits(1000)).toBe(true)
  expect(breaker.admits(2000)).toBe(true)
})

it("lets another one see when that one left, and none when one left that was let through before", () => {
  const breaker = broken()
  breaker.unheard(500)
  expect(breaker.admits(999)).toBe(false)
  expect(breaker.admits(1000)).toBe(true)
  breaker.unheard(1100)
  expect(breaker.admits(1100)).toBe(true)
  expect(breaker.admits(1100)).toBe(false)
})
