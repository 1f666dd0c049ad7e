import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { addToStore, describeDerivation, failureOf, fetchTree } from "../nixos/embedded/evaluation.ts"
import { bare, build, describeFolder, folderWith, set, templates, usePreparedSet } from "./building.ts"
import { startInSealedRoot } from "./sealed-root.ts"

usePreparedSet()

describe("a Node.js repository", () => {
  const answer = (text: string) =>
    `require("node:http").createServer((_, answer) => answer.end(${text})).listen(process.env.PORT)\n`

  it("whose lock file does not match fails with npm's own words", async () => {
    const folder = folderWith("mismatch", {}, "nodejs")
    const description = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"))
    description.dependencies = { fastify: "^9.0.0", "left-pad": "1.3.0" }
    writeFileSync(join(folder, "package.json"), JSON.stringify(description))
    const message = await failureOf(build(describeFolder("nodejs", folder)))
    expect(message).toContain(
      "`npm ci` can only install packages when your package.json and package-lock.json",
    )
    expect(message).toContain("Missing: left-pad@1.3.0 from lock file")
    expect(message).toMatch(/Invalid: lock file's fastify@5\S+ does not satisfy fastify@\^9\.0\.0/)
  })

  it("without a lock file is refused", async () => {
    const folder = folderWith("no-lock", {
      "package.json": '{"dependencies":{"ms":"2.1.3"}}',
      "index.js": "",
    })
    expect(await failureOf(describeFolder("nodejs", folder))).toContain("no package-lock.json beside it")
  })

  it("with an old lock file is told what to do", async () => {
    const folder = folderWith("old-lock", {
      "package.json": '{"main":"a.js","dependencies":{"ms":"2.1.3"}}',
      "package-lock.json": '{"lockfileVersion":1,"dependencies":{}}',
    })
    expect(await failureOf(describeFolder("nodejs", folder))).toContain("make it again with npm 7 or newer")
  })

  it("runs its build script, and keeps what only that needed out of the closure", async () => {
    const folder = folderWith("built", {
      "package.json": JSON.stringify({
        name: "built",
        version: "3.0.0",
        scripts: {
          build: "node make.js && node -e \"require('child_process').execSync('echo built >kind')\"",
          start: "node out.js",
        },
      }),
      "package-lock.json": '{"lockfileVersion":3,"packages":{"":{"name":"built","version":"3.0.0"}}}',
      "make.js": `require("node:fs").writeFileSync("out.js", ${JSON.stringify(answer('require("node:fs").readFileSync("kind")'))})`,
    })
    const { program, closure } = await build(describeFolder("nodejs", folder))
    expect(bare(closure)).toEqual(["glibc", "libstdc++6", "nodejs-slim", "service"])
    const running = await startInSealedRoot(program, closure, { readyPath: "/" })
    expect(await (await running.get("/")).text()).toBe("built\n")
    await running.kill()
  })

  it("is started by a Procfile's line with variables and several commands", async () => {
    const folder = folderWith("procfile", {
      "package.json": '{"name":"x"}',
      "package-lock.json": '{"lockfileVersion":3,"packages":{"":{"name":"x"}}}',
      "server.js": answer(
        'process.argv.slice(2).join() + process.env.A + process.cwd().endsWith("/lib/service")',
      ),
    })
    const start = "echo first && A=$HOME/b node server.js --port $PORT 'c d'"
    const { program, closure } = await build(describeFolder("nodejs", folder, start))
    const running = await startInSealedRoot(program, closure, { readyPath: "/", environment: { HOME: "/h" } })
    expect(await (await running.get("/")).text()).toMatch(/^--port,\d+,c d\/h\/btrue$/)
    expect(running.output()).toContain("first")
    await running.kill()
  })

  it("is told when the start command names a script that is not there", async () => {
    const folder = folderWith("no-script", { "package.json": "{}", "package-lock.json": '{"packages":{}}' })
    expect(await failureOf(describeFolder("nodejs", folder, "npm run serve"))).toContain(
      "has no script `serve`",
    )
  })
})

describe("a Python repository", () => {
  it("finds requirements by name, follows -r, and says which version it got instead", async () => {
    const folder = folderWith("requirements", {
      "requirements.txt": "-r base.txt\ngunicorn>=20 ; python_version > '3'\n",
      "base.txt": "# comment\nFlask==9.9.9  # pinned\nPyYAML\n--no-cache\n",
      "app.py":
        "import flask, yaml\napp = flask.Flask('x')\n@app.get('/')\ndef page(): return yaml.dump([1])\n",
    })
    const { program, closure } = await build(describeFolder("python", folder))
    const running = await startInSealedRoot(program, closure, { readyPath: "/" })
    expect(await (await running.get("/")).text()).toBe("- 1\n")
    await running.kill()
  })

  it("with a package that the set does not have is told so, with the nearest names", async () => {
    const folder = folderWith("unknown", { "requirements.txt": "flask_restx\n", "main.py": "" })
    const message = await failureOf(describeFolder("python", folder))
    expect(message).toContain("no Python package `flask-restx`; near it: flask, flask-cors")
  })

  it("is started by its main.py, in its own folder and without a shell", async () => {
    const folder = folderWith("main", {
      "requirements.txt": "",
      "main.py": [
        "import http.server, os, sys, words",
        "class Page(http.server.BaseHTTPRequestHandler):",
        "    def do_GET(self):",
        "        self.send_response(200); self.end_headers(); self.wfile.write(open('text').read().encode() + words.more)",
        "print('started', sys.argv[1:])",
        "http.server.HTTPServer(('', int(os.environ['PORT'])), Page).serve_forever()",
      ].join("\n"),
      "words.py": "more = b' and module'\n",
      text: "file",
    })
    const { program, closure } = await build(describeFolder("python", folder, "python main.py --fast"))
    expect(bare(closure)).not.toContain("bash")
    const running = await startInSealedRoot(program, closure, { readyPath: "/" })
    expect(await (await running.get("/")).text()).toBe("file and module")
    expect(running.output()).toContain("started ['--fast']")
    await running.kill()
  })

  it("is started by the script of its pyproject.toml", async () => {
    const folder = folderWith("project", {
      "pyproject.toml":
        '[project]\nname = "shop"\nversion = "1.2"\ndependencies = ["six"]\n[project.scripts]\nserve = "shop.web:main"\n',
      "src/shop/__init__.py": "",
      "src/shop/web.py": [
        "import http.server, os, six",
        "class Page(http.server.BaseHTTPRequestHandler):",
        "    def do_GET(self):",
        "        self.send_response(200); self.end_headers(); self.wfile.write(six.b('shop'))",
        "def main(): http.server.HTTPServer(('', int(os.environ['PORT'])), Page).serve_forever()",
      ].join("\n"),
    })
    const { program, closure } = await build(describeFolder("python", folder))
    const running = await startInSealedRoot(program, closure, { readyPath: "/" })
    expect(await (await running.get("/")).text()).toBe("shop")
    await running.kill()
  })
})

describe("a Go repository", () => {
  it("is built with its vendor folder, and started by a Procfile's line", async () => {
    const main = `package main
import ("fmt"; "net/http"; "os"; "example.org/dep")
func main() { http.ListenAndServe(":"+os.Getenv("PORT"), http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, dep.Name, os.Args[1:]) })) }
`
    const folder = folderWith("vendored", {
      "go.mod": "module example.org/shop/v2\n\ngo 1.19\n\nrequire example.org/dep v1.0.0\n",
      "vendor/modules.txt": "# example.org/dep v1.0.0\n## explicit; go 1.19\nexample.org/dep\n",
      "vendor/example.org/dep/dep.go": 'package dep\n\nconst Name = "dep"\n',
      "cmd/web/main.go": main,
      "cmd/other/main.go": main,
    })
    const { program, closure } = await build(describeFolder("go", folder, "web --fast"))
    const running = await startInSealedRoot(program, closure, { readyPath: "/" })
    expect(await (await running.get("/")).text()).toBe("dep[--fast]")
    await running.kill()
    expect(await failureOf(build(describeFolder("go", folder)))).toContain("has the programs other web")
  })

  it("without its vendor folder is told what to do", async () => {
    const folder = folderWith("no-vendor", {
      "go.mod": "module example.org/x\n\nrequire example.org/dep v1.0.0\n",
      "main.go": "package main\n\nfunc main() {}\n",
    })
    expect(await failureOf(describeFolder("go", folder))).toContain("run `go mod vendor`")
  })
})

describe("a customer's expression", () => {
  const expression = async (text: string) =>
    describeDerivation(
      set,
      templates,
      `import "\${templates}/builders/expression.nix" {
        inherit pkgs;
        expression = import ${fetchTree(await addToStore(set, folderWith("expression", { "default.nix": text })))};
      }`,
    )

  it.each([
    ["a derivation", 'derivation { name = "d"; system = "x86_64-linux"; builder = "x"; }'],
    ["a function of pkgs", 'pkgs: pkgs.writeShellScriptBin "d" ""'],
    ["a function of { pkgs, … }", '{ pkgs, lib, ... }: pkgs.writeShellScriptBin (lib.toLower "D") ""'],
    ["a function of packages", '{ writeShellScriptBin, stdenv }: writeShellScriptBin "d" ""'],
    [
      "a function with nixpkgs as default",
      '{ pkgs ? import <nixpkgs> { } }: pkgs.writeShellScriptBin "d" ""',
    ],
    ["a set with a default", '{ pkgs, ... }: { default = pkgs.writeShellScriptBin "d" ""; }'],
  ])("may be %s", async (_, text) => expect((await expression(text)).name).toBe("d"))

  it.each([
    ["a set", "{ pkgs, ... }: { a = 1; b = 2; }", "gives a set with the attributes a, b"],
    ["a number", "1", "gives a value of the type int, not a derivation"],
    ["a syntax error", "{ pkgs }:\npkgs.hello {", "default.nix:2:12"],
    ["an unknown attribute", "{ pkgs, ... }: pkgs.helo", "attribute 'helo' missing"],
    ["a file of the machine", '{ pkgs, ... }: builtins.readFile "/etc/shadow"', "forbidden in pure eval"],
    ["an argument that nothing gives", "{ pkgs, foo }: pkgs.hello", 'required argument "foo"'],
  ])("that is or reads %s is explained", async (_, text, message) => {
    expect(await failureOf(expression(text))).toContain(message)
  })
})
