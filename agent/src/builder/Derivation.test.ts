import { describe, expect, test } from "vitest"
import { parseDerivation } from "./Derivation.ts"

const hash = "0123456789abcdfghijklmnpqrsvwxyz"
const text = String.raw`Derive([("dev","/nix/store/${hash}-x-1-dev","",""),("out","/nix/store/${hash}-x-1","","")],[("/nix/store/${hash}-y.drv",["lib","out"])],["/nix/store/${hash}-src"],"x86_64-linux","/bin/sh",["-c","a\"b\\c"],[("script","one\n\ttwo \"three\" ]),("),("version","1")])`

describe("a derivation", () => {
  test("has its outputs, inputs and environment", () => {
    const found = parseDerivation(text)
    expect(found?.outputs).toEqual([
      { name: "dev", path: `/nix/store/${hash}-x-1-dev`, fixed: false },
      { name: "out", path: `/nix/store/${hash}-x-1`, fixed: false },
    ])
    expect(found?.inputs).toEqual([{ drvPath: `/nix/store/${hash}-y.drv`, outputs: ["lib", "out"] }])
    expect(found?.environment.get("script")).toBe('one\n\ttwo "three" ]),(')
    expect(found?.environment.get("version")).toBe("1")
  })
  test("of a file with a known hash says so", () => {
    const text = 'Derive([("out","/nix/store/x","sha256","abc")],[],[],"","",[],[("out","/nix/store/x")])'
    expect(parseDerivation(text)?.outputs).toEqual([{ name: "out", path: "/nix/store/x", fixed: true }])
  })
  test("has the first of two outputs of one name, as Nix has it", () => {
    const outputs = '("out","/nix/store/x","",""),("out","/nix/store/theirs","","")'
    expect(parseDerivation(`Derive([${outputs}],[],[],"","",[],[])`)?.outputs).toEqual([
      { name: "out", path: "/nix/store/x", fixed: false },
    ])
  })
  test.each(["", '("out","/nix/store/x")', '("out","/nix/store/theirs"),("out","/nix/store/x")'])(
    "of a file with a known hash is none when its path is not the one that Nix has checked: %s",
    (environment) => {
      const text = `Derive([("out","/nix/store/theirs","sha256","abc")],[],[],"","",[],[${environment}])`
      expect(parseDerivation(text)).toBeNull()
    },
  )
  test.each(["", "DrvWithVersion(", "Derive(", 'Derive(["', "Derive([x])", `Derive(${"[".repeat(100_000)}`])(
    "that is none: %.20s",
    (none) => expect(parseDerivation(none)).toBeNull(),
  )
})
