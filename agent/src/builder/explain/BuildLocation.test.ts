import { expect, test } from "vitest"
import { buildLocation } from "./BuildLocation.ts"

test.each([
  [
    "Node.js",
    ["/build/source/build.js:1", "syntax error here(", "       ^^^^^", "SyntaxError: Unexpected identifier"],
    "build.js:1:1",
  ],
  ["a module of Node.js", ["file:///build/source/lib/a.mjs:4", "import x from 'y'"], "lib/a.mjs:4:1"],
  [
    "a stack of JavaScript",
    [
      "Error: no configuration",
      "    at read (/build/source/node_modules/tool/index.js:3:9)",
      "    at Object.<anonymous> (/build/source/make.cjs:12:3)",
    ],
    "make.cjs:12:3",
  ],
  ["TypeScript", ["src/a.ts(3,5): error TS2322: Type 'string' is not assignable"], "src/a.ts:3:5"],
  ["TypeScript in colour", ["src/a.ts:3:5 - error TS2322: Type 'string'"], "src/a.ts:3:5"],
  [
    "esbuild",
    ['✘ [ERROR] Expected ";" but found "x"', "", "    src/main.ts:1:7:", "      1 │ let a x"],
    "src/main.ts:1:7",
  ],
  [
    "Vite",
    ["error during build:", "[vite:vue] Unexpected token", "file: /build/source/src/App.vue:10:5"],
    "src/App.vue:10:5",
  ],
  ["Rolldown", ["[PARSE_ERROR] Error: Unexpected token", "   ╭─[ src/main.ts:2:9 ]"], "src/main.ts:2:9"],
  ["Go", ["# example.org/web", "./main.go:7:2: undefined: foo"], "main.go:7:2"],
  ["C", ["src/main.c:3:1: error: expected ';'"], "src/main.c:3:1"],
  ["Ruby", ["app.rb:3: syntax error, unexpected end-of-input"], "app.rb:3:1"],
  ["Rust", ["error[E0425]: cannot find value `x`", " --> src/main.rs:2:5"], "src/main.rs:2:5"],
  [
    "PHP",
    ["PHP Parse error:  syntax error, unexpected token in public/index.php on line 4"],
    "public/index.php:4:1",
  ],
  [
    "Python, the innermost of its own",
    [
      "Traceback (most recent call last):",
      '  File "/build/source/setup.py", line 3, in <module>',
      "    import shop",
      '  File "/build/source/shop/__init__.py", line 9, in <module>',
      '  File "/nix/store/0123456789abcdfghijklmnpqrsvwxyz-python/lib/json.py", line 200, in load',
      "ValueError: not JSON",
      "./later.c:1:1: error: no",
    ],
    "shop/__init__.py:9:1",
  ],
])("is read from what %s prints", (_, lines, place) => {
  const found = buildLocation([
    "> web@1.0.0 build",
    "> node build.js",
    "listening on 127.0.0.1:8080",
    ...lines,
  ])
  expect(`${found?.file}:${found?.line}:${found?.column}`).toBe(place)
})

test.each([
  ["/nix/store/0123456789abcdfghijklmnpqrsvwxyz-node/lib/x.js:1"],
  ["node:internal/modules/cjs/loader:1861"],
  ["    at Module._compile (node:internal/modules/cjs/loader:1903:20)"],
  ["node_modules/tool/index.js:3:9: error: not yours"],
  ["../../etc/passwd.conf:1:1: error: not here"],
  ["12:30:01: starting"],
  ["http://localhost:8080: refused"],
  [`${"a".repeat(2000)}.c:1:1: error`],
])("is no place in the repository: %s", (line) => expect(buildLocation([line])).toBeNull())
