import { describe, expect, it } from "vitest"
import { jsonElements } from "./jsonElements.ts"

const elements = [
  { ID: "a", Spec: { Labels: { "skypanel.service": "svc" }, Env: ["A=[1]", 'B={"x":"]"}', "C=\\"] } },
  {},
  { ID: "ü → 💥", nested: [[{ deep: [] }], []] },
  ["a list", { in: "it" }],
]

async function* chunksOf(text: string, size: number) {
  const bytes = Buffer.from(text)
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

const read = async (text: string, size: number) => {
  const all: Array<unknown> = []
  for await (const element of jsonElements(chunksOf(text, size))) all.push(element)
  return all
}

describe("the elements of a list", () => {
  it.each([1, 2, 3, 7, 64, 10_000])("are the same wherever it is cut (%i bytes)", async (size) => {
    expect(await read(JSON.stringify(elements), size)).toEqual(elements)
    expect(await read(` ${JSON.stringify(elements, null, 2)}\n`, size)).toEqual(elements)
  })

  it("are none of an empty one", async () => {
    expect(await read("[]", 1)).toEqual([])
  })

  it("are not taken for all when the connection broke", async () => {
    const text = JSON.stringify(elements)
    await expect(read(text.slice(0, -10), 5)).rejects.toThrow("cut off")
    await expect(read(text.slice(0, -1), 5)).rejects.toThrow("cut off")
  })
})
