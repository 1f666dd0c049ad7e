import { execFileSync } from "node:child_process"
import { join } from "node:path"
import { describe, expect, it } from "vitest"

const evaluate = (expression: string) => {
  const text = `with import ${join(import.meta.dirname, "lib")}; ${expression}`
  const args = ["--eval", "--strict", "--json", "--read-write-mode", "-E", text]
  const env = { ...process.env, NIX_CONFIG: "build-users-group =" }
  return JSON.parse(
    execFileSync("nix-instantiate", args, { env, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] }),
  )
}

/** Each answer is what nixpkgs' lib of 2026 gave for the same expression. */
const answers: Record<string, unknown> = {
  'splitString "." "a.b..c"': ["a", "b", "", "c"],
  'escapeShellArgs [ "a" "b c" "it\'s" "" ]': "a 'b c' 'it'\\''s' ''",
  'removeSuffix ".nix" "a.nix.nix"': "a.nix",
  'hasInfix "b.c" "ab.cd"': true,
  'hasInfix "b.c" "abxcd"': false,
  'makeBinPath [ "/a" "/b" null ]': "/a/bin:/b/bin",
  'trim " \\n a b\\t"': "a b",
  'replicate 2 "a"': ["a", "a"],
  "recursiveUpdate { a.b = 1; c = 2; } { a.d = 3; c.x = 1; }": { a: { b: 1, d: 3 }, c: { x: 1 } },
  "unique [ 1 2 1 ] ++ flatten [ 3 [ 4 [ 5 ] ] ]": [1, 2, 3, 4, 5],
  'mapAttrsToList (name: value: "${name}${toString value}") { b = 2; a = 1; }': ["a1", "b2"],
  'versionOlder "1.2" "1.10" && versionAtLeast "1.2" "1.2"': true,
  "(makeOverridable ({ a, b ? 2 }: { c = a + b; }) { a = 1; }).override { b = 5; }": expect.objectContaining({
    c: 6,
  }),
  "(callPackageWith { a = 1; } ({ a, b }: { c = a + b; }) { b = 2; }).c": 3,
  'getExe { type = "derivation"; name = "x-1"; outPath = "/o"; meta.mainProgram = "y"; }': "/o/bin/y",
  "generators.toINI { } { a = { b = 1; c = true; }; d = { }; }": "[a]\nb=1\nc=true\n\n[d]\n",
}

describe("lib", () => {
  it.each(Object.entries(answers))("%s", (expression, answer) => {
    const value = `let value = ${expression}; in if builtins.isAttrs value then removeAttrs value [ "override" ] else value`
    expect(evaluate(value)).toEqual(answer)
  })

  it("keeps its own helpers to itself: what nixpkgs' lib does not have would only work here", () => {
    expect(
      evaluate(
        'filter (name: hasAttr name (import ./lib)) [ "versionOf" "outputOf" ]'.replace(
          "./lib",
          join(import.meta.dirname, "lib"),
        ),
      ),
    ).toEqual([])
  })

  it("takes the files of a file set and leaves out folders that hold none", () => {
    const templates = join(import.meta.dirname, "..", "..", "templates")
    const set = `fileset.unions [
      ${templates}/go/template.json
      (fileset.fileFilter (file: file.hasExt "nix") ${templates}/builders)
      (fileset.difference ${templates}/static ${templates}/static/source)
      (fileset.maybeMissing ${templates}/nowhere)
    ]`
    const listed = evaluate(
      `let source = (fileset.toSource { root = ${templates}; fileset = ${set}; }).outPath;
       in map (path: attrNames (builtins.readDir "\${source}/\${path}")) [ "" "go" "static" ]`,
    )
    expect(listed).toEqual([
      ["builders", "go", "static"],
      ["template.json"],
      ["default.nix", "icon.svg", "template.json"],
    ])
  })
})
