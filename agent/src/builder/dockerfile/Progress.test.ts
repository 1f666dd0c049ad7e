import { expect, test } from "vitest"
import { Progress } from "./Progress.ts"

const read = (text: string, room = Number.POSITIVE_INFINITY) => {
  const said: Array<string> = []
  const progress = new Progress({
    note: (line) => void said.push(`note ${line}`),
    line: (_, line) => said.push(line) <= room,
  })
  const taken = text.split("\n").map((line) => progress.read(line))
  return { progress, said, isFull: taken.includes(false) }
}

const output = `#1 [internal] load build definition from Dockerfile
#1 sha256:7d3cf928d3583d5c7ba485c441ad4504effca9a3f126f63da23ac4593a6ad182
#1 DONE 0.0s

#5 [build 1/3] FROM docker.io/library/node:20
#5 CACHED
#6 [build 2/3] RUN npm ci
#6 0.032 added 3 packages
#7 [stage-1 1/1] RUN \u001b[31mother
#7 ERROR: executor failed running [/bin/sh -c x]: exit code: 7
#6 ...
#6 [build 2/3] RUN npm ci
#6 12.5 # 1.5 done
------
 > [stage-1 1/1] RUN other:
------
executor failed running [/bin/sh -c x]: exit code: 7`

test("steps are told once, with what they print and why they failed", () => {
  const { progress, said } = read(output)
  expect(said).toEqual([
    "note [build 1/3] FROM docker.io/library/node:20",
    "note unchanged: taken from the service's last build",
    "note [build 2/3] RUN npm ci",
    "added 3 packages",
    "note [stage-1 1/1] RUN other",
    "# 1.5 done",
  ])
  expect(progress.failed).toEqual({
    title: "[stage-1 1/1] RUN other",
    lines: [],
    error: "executor failed running [/bin/sh -c x]: exit code: 7",
  })
  expect(progress.messages.at(-1)).toBe("executor failed running [/bin/sh -c x]: exit code: 7")
})

test("a log that is full is told of", () => {
  expect(read(output, 3).isFull).toBe(true)
})

test("what is kept for a failure is bounded", () => {
  const { progress } = read(`#1 [1/1] RUN x\n${"#1 0.1 line\n".repeat(5000)}${"words\n".repeat(5000)}`)
  expect(progress.steps.get("1")?.lines.length).toBe(300)
  expect(progress.messages.length).toBe(100)
})

test("a line that overwrites itself, or has ends of lines that are none here, is its step's", () => {
  const { progress, said } = read(
    "#1 [1/1] RUN x\n#1 0.1 10%\r20%\u2028!\n#1 0.2 done\r\n#1 ERROR: no\u2029\rway",
  )
  expect(said).toEqual(["note [1/1] RUN x", "10%\r20%\u2028!", "done\r"])
  expect(progress.steps.get("1")).toMatchObject({ lines: ["20%!", "done"], error: "way" })
  expect(progress.messages).toEqual([])
})

test("what is long is kept with its beginning and its end", () => {
  const { progress } = read(`#1 [1/1] RUN x\n#1 ERROR: process "${"x".repeat(100_000)}": exit code: 3\n`)
  expect(progress.failed?.error).toMatch(/^process "x{503} … x{497}": exit code: 3$/)
})
