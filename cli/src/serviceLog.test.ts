import type { LogLine } from "@skypanel/contract/Log"
import fc from "fast-check"
import { expect, it } from "vitest"
import { unseen } from "./serviceLog.ts"

const line = (instance: number, second: number, seq: number): LogLine => ({
  seq,
  at: new Date(second * 1000).toISOString(),
  stream: "stdout",
  text: "same text",
  origin: `instance${instance}`,
})

it("shows every line once although a stream that is opened again repeats a part", () => {
  const log = fc
    .array(fc.tuple(fc.integer({ min: 0, max: 2 }), fc.integer({ min: 0, max: 1 })), { maxLength: 50 })
    .map((steps) => {
      let second = 0
      return steps.map(([instance, pause], seq) => {
        second += pause
        return line(instance, second, seq)
      })
    })
  fc.assert(
    fc.property(log, fc.nat(50), fc.nat(50), (lines, cut, overlap) => {
      const isNew = unseen()
      const first = lines.slice(0, cut).filter(isNew)
      const second = lines.slice(Math.max(0, cut - overlap)).filter(isNew)
      expect([...first, ...second]).toEqual(lines)
    }),
  )
})
