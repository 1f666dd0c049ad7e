import { describe, expect, test } from "vitest"
import { derivationName, parseNixEvent } from "./NixEvents.ts"

const drv = "/nix/store/0123456789abcdfghijklmnpqrsvwxyz-web-1.0.0.drv"

describe("Nix's reports", () => {
  test.each([
    [
      { action: "start", id: 7, type: 105, fields: [drv, "", 1, 1], text: `building '${drv}'` },
      { _tag: "build", id: 7, drvPath: drv },
    ],
    [
      { action: "result", id: 7, type: 101, fields: ["hello"] },
      { _tag: "line", id: 7, text: "hello" },
    ],
    [
      { action: "result", id: 7, type: 104, fields: ["buildPhase"] },
      { _tag: "phase", id: 7, phase: "buildPhase" },
    ],
    [
      { action: "stop", id: 7 },
      { _tag: "stop", id: 7 },
    ],
    [
      { action: "msg", level: 0, msg: "error: no", raw_msg: "no" },
      { _tag: "message", level: 0, text: "error: no" },
    ],
    [{ action: "start", id: 8, type: 102 }, null],
    [{ action: "result", id: 8, type: 106, fields: [1, 2] }, null],
  ])("%j", (json, event) => expect(parseNixEvent(`@nix ${JSON.stringify(json)}`)).toEqual(event))
  test.each(["@nix {", "warning: x", "", "@nixx {}", "[1]"])("what is none of them is kept: %j", (line) =>
    expect(parseNixEvent(line)).toEqual({ _tag: "other", text: line }),
  )
  test.each(["null", "[]", '"x"', "1", '{"action":"result","type":101}'])(
    "odd ones break nothing: %s",
    (json) => {
      expect(() => parseNixEvent(`@nix ${json}`)).not.toThrow()
    },
  )
})

test("a derivation's name is what people called it", () => {
  expect(derivationName(drv)).toBe("web-1.0.0")
  expect(derivationName("/nix/store/0123456789abcdfghijklmnpqrsvwxyz-lib")).toBe("lib")
})
