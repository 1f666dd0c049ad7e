import { describe, expect, test } from "vitest"
import { explainCopy, narInfoUrl, parseClosure } from "./Upload.ts"

const hash = "0123456789abcdfghijklmnpqrsvwxyz"

test("a closure is read with its size", () => {
  expect(parseClosure(`/nix/store/${hash}-a\t     100\n/nix/store/${hash}-b      2000\n`)).toEqual({
    paths: [`/nix/store/${hash}-a`, `/nix/store/${hash}-b`],
    bytes: 2100,
  })
  expect(parseClosure("error: path is not valid")).toEqual({ paths: [], bytes: 0 })
})

test("a narinfo is below the upload address, without its parameters", () => {
  expect(narInfoUrl("http://h:1/cache/push/t?compression=zstd", `/nix/store/${hash}-a`)).toBe(
    `http://h:1/cache/push/t/${hash}.narinfo`,
  )
})

describe("an upload that failed", () => {
  test("does not show its address", () => {
    const { detail } = explainCopy(
      "error: unable to upload 'http://h:1/push/secret/x.narinfo': HTTP error 403",
    )
    expect(detail).not.toContain("secret")
    expect(detail).toContain("403")
  })
  test.each([
    ["error: unable to upload 'http://h/x': HTTP error 503", true],
    ["error: unable to download 'http://h/x': Couldn't connect to server (7)", true],
    ["error: unable to upload 'http://h/x': Recv failure: Connection reset by peer (56)", true],
    ["error: unable to upload 'http://h/x': HTTP error 403", false],
    ["error: NAR info file is corrupt", false],
  ])("%s: again %s", (stderr, again) => expect(explainCopy(stderr).again).toBe(again))
})
