import { createHash } from "node:crypto"
import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { learnedHash } from "../agent/src/builder/learn/Learns.ts"
import { failureOf } from "../nixos/embedded/evaluation.ts"
import { bare, build, describeRepository, folderWith, learnsOf, set, usePreparedSet } from "./building.ts"
import { gemOf, packageOf, serve, sha256, zipOf } from "./registry.ts"
import { startInSealedRoot } from "./sealed-root.ts"
import { wheels } from "./wheels.ts"

usePreparedSet()

/** Builds and starts a repository with these files, and gives what it answers and what it is made of. */
const run = async (name: string, files: Record<string, string>, ...paths: ReadonlyArray<string>) =>
  runFolder(describeRepository(folderWith(name, files)), ...paths)

const runFolder = async (
  description: ReturnType<typeof describeRepository>,
  ...paths: ReadonlyArray<string>
) => {
  const { program, closure } = await build(description)
  const running = await startInSealedRoot(program, closure, { readyPath: "/" })
  try {
    const answers = await Promise.all(paths.map(async (path) => (await running.get(path)).text()))
    return { answers, closure: bare(closure) }
  } finally {
    await running.kill()
  }
}

// The index of Python packages cannot be reached where this runs: a server on this machine stands for it.
it("a Python repository with a lock file has its wheels, by their hashes", async () => {
  const wheel = zipOf({
    "greet/__init__.py": "def words(): return 'from a wheel'\n",
    "greet/web.py":
      "import http.server, os, greet\nclass Page(http.server.BaseHTTPRequestHandler):\n  def do_GET(self):\n    self.send_response(200); self.end_headers(); self.wfile.write(greet.words().encode())\ndef main(): http.server.HTTPServer(('', int(os.environ['PORT'])), Page).serve_forever()\n",
    "greet-1.0.dist-info/entry_points.txt": "[console_scripts]\ngreet-web = greet.web:main\n",
    "greet-1.0.dist-info/METADATA": "Name: greet\nVersion: 1.0\n",
  })
  const escaping = zipOf({ "../../../bin/python3": "#!/bin/sh\n" })
  await using registry = await serve({
    "/greet-1.0-py3-none-any.whl": wheel,
    "/evil-1.0-py3-none-any.whl": escaping,
  })
  const files = (name: string, hash: string) => ({
    Procfile: "web: greet-web\n",
    "skypanel.toml": "[build]\ncommand = \"python -c 'import greet; print(greet.words())' | grep wheel\"\n",
    "pyproject.toml": `[project]\nname = "shop"\nversion = "1"\ndependencies = ["${name}"]\n`,
    "uv.lock": `version = 1
[[package]]
name = "shop"
version = "1"
source = { virtual = "." }
dependencies = [{ name = "${name}" }]
[[package]]
name = "${name}"
version = "1.0"
source = { registry = "https://pypi.org/simple" }
wheels = [{ url = "${registry.url}/${name}-1.0-py3-none-any.whl", hash = "sha256:${hash}" }]
`,
  })
  const { answers, closure } = await run("wheels", files("greet", sha256(wheel)), "/")
  expect(answers).toEqual(["from a wheel"])
  expect(closure).toContain("service-python-packages")
  const failure = (name: string, hash: string) =>
    failureOf(build(describeRepository(folderWith("wheels-bad", files(name, hash)))))
  expect(await failure("evil", sha256(escaping))).toContain("has a file that leads out of it")
  expect(await failure("greet", sha256(escaping))).toContain("hash mismatch")
})

// As these programs wrote them: Poetry says no address of a file, and PDM 2.2 has all files at its end.
it.each([
  [
    "poetry.lock",
    "poetry-2.0.lock",
    '[tool.poetry]\nname = "shop"\nversion = "1.0.0"\n[tool.poetry.dependencies]\npython = "^3.11"\ngreet = { version = "^1.0", extras = ["loud"] }\n[tool.poetry.group.dev.dependencies]\ntool = "^1.0"\n',
  ],
  [
    "pdm.lock",
    "pdm-4.0.lock",
    '[project]\nname = "shop"\nversion = "1.0.0"\nrequires-python = ">=3.11"\ndependencies = ["greet[loud]>=1.0"]\n[tool.pdm.dev-dependencies]\ndev = ["tool>=1.0"]\n',
  ],
])("a Python repository with a %s (%s) has the wheels that it names", async (file, name, pyproject) => {
  const folder = join(import.meta.dirname, "..", "agent", "src", "builder", "recognise", "wheels", "fixtures")
  await using pypi = await serve(
    Object.fromEntries(
      Object.entries(wheels).flatMap(([wheel, content]) => {
        const [own, , interpreter] = wheel.split("-")
        return [
          [`/packages/00/${wheel}`, content],
          [`/packages/${interpreter}/${own![0]}/${own}/${wheel}`, content],
        ]
      }),
    ),
  )
  const files = {
    Procfile: "web: greet-web\n",
    "skypanel.toml":
      '[build]\ncommand = "python -c \'import importlib.metadata as found; print(*sorted(each.name for each in found.distributions()))\' | grep -x \\"greet shout words\\""\n',
    "pyproject.toml": pyproject,
    [file]: readFileSync(join(folder, name), "utf8"),
  }
  const description = describeRepository(folderWith("locked", files), undefined, `${pypi.url}/packages`)
  expect((await runFolder(description, "/")).answers).toEqual(["AS COMPILED"])
})

// Its checksums are of archives that Yarn makes; a registry of this machine has the packages as npm's has them.
describe("a Node.js repository with a yarn.lock of", () => {
  const fixtures = join(import.meta.dirname, "..", "agent", "src", "builder", "recognise", "lock", "fixtures")
  const fixture = (name: string) => readFileSync(join(fixtures, name), "utf8")
  const names = ["is-odd-3.0.1", "is-number-6.0.0", "is-number-7.0.0", "mkdirp-0.5.6", "minimist-1.2.8"]
  const packages = async () => {
    const found = names.map(async (name) => {
      const path = `/${name.replace(/-[\d.]+$/, "")}/-/${name}.tgz`
      return [path, Buffer.from(await (await fetch(`${set.npmRegistry}${path}`)).arrayBuffer())] as const
    })
    return Object.fromEntries(await Promise.all(found))
  }
  const files = (lock: string) => ({
    "package.json": fixture("package.json"),
    "yarn.lock": lock,
    "make.js":
      'require("node:fs").writeFileSync("built/odd.js", "module.exports = " + JSON.stringify(require("is-odd")(3)))',
    "server.js":
      'require("node:http").createServer((_, answer) => answer.end([require("./built/odd.js"), require("numbers")("7"), require("node:fs").existsSync("node_modules/mkdirp")].join())).listen(process.env.PORT)',
  })

  it.each(["yarn-3.lock", "yarn-4.lock"])("%s is built from the archives that it names", async (name) => {
    await using registry = await serve(await packages())
    const folder = folderWith("berry", files(fixture(name)))
    const { answers } = await runFolder(describeRepository(folder, registry.url), "/")
    expect(answers).toEqual(["true,true,false"])
  })

  it("Yarn 4 is built with a package for this system alone, by the hash that was learned of it", async () => {
    const files = {
      "package.json": '{"name":"native","version":"1.0.0","main":"x.js"}',
      "x.js": 'module.exports = "for Linux"',
    }
    await using registry = await serve({ "/native/-/native-1.0.0.tgz": packageOf(files) })
    const folder = folderWith("native", {
      "package.json":
        '{"name":"shop","scripts":{"start":"node server.js"},"dependencies":{"native":"1.0.0"}}',
      "yarn.lock": `__metadata:\n  version: 8\n  cacheKey: 10c0\n\n"native@npm:1.0.0":\n  version: 1.0.0\n  resolution: "native@npm:1.0.0"\n  conditions: os=linux & cpu=x64\n`,
      "server.js":
        'require("node:http").createServer((_, answer) => answer.end(require("native"))).listen(process.env.PORT)',
    })
    const [learns] = await learnsOf(folder, registry.url)
    expect(learns).toMatchObject({ kind: "yarn-archive", subject: "native 1.0.0" })
    const said = await failureOf(build(describeRepository(folder, registry.url)))
    const got = /got: +(sha512-\S+)/.exec(said)?.[1] ?? said
    const held = describeRepository(folder, registry.url, undefined, [learnedHash(learns!, got)])
    expect((await runFolder(held, "/")).answers).toEqual(["for Linux"])
  })

  it("Yarn 4 is built without a registry when its cache is there, and only by its checksum", async () => {
    const archive = zipOf({
      "node_modules/cached/package.json": '{"name":"cached","version":"1.0.0","main":"x.js"}',
      "node_modules/cached/x.js": 'module.exports = "from the cache"',
    })
    const checksum = createHash("sha512").update(archive).digest("hex")
    const cached = (given: string) => {
      const folder = folderWith("cached", {
        "package.json":
          '{"name":"shop","scripts":{"start":"node server.js"},"dependencies":{"cached":"1.0.0"}}',
        "yarn.lock": `__metadata:\n  version: 8\n  cacheKey: 10c0\n\n"cached@npm:1.0.0":\n  version: 1.0.0\n  resolution: "cached@npm:1.0.0"\n  checksum: 10c0/${given}\n`,
        "server.js":
          'require("node:http").createServer((_, answer) => answer.end(require("cached"))).listen(process.env.PORT)',
        [`.yarn/cache/cached-npm-1.0.0-0123456789-${given.slice(0, 10)}.zip`]: "",
      })
      writeFileSync(
        join(folder, `.yarn/cache/cached-npm-1.0.0-0123456789-${given.slice(0, 10)}.zip`),
        archive,
      )
      return describeRepository(folder, "http://127.0.0.1:9")
    }
    expect((await runFolder(cached(checksum), "/")).answers).toEqual(["from the cache"])
    expect(await failureOf(build(cached("0".repeat(128))))).toContain("hash mismatch")
  })
})

// Packages come from the repository's vendor folder: no index of PHP packages is needed.
it("a PHP repository is served by nginx and PHP-FPM, its other files as they are, and what is private not at all", async () => {
  const files = {
    "composer.json": '{"require":{"php":">=8.1","acme/greet":"^1"}}',
    ".env": "SECRET=1",
    "vendor/autoload.php": '<?php function greet($who) { return "hello, $who"; }',
    "public/index.php":
      "<?php require __DIR__ . '/../vendor/autoload.php'; echo greet(json_encode([$_SERVER['REQUEST_URI'], getenv('PORT') > 0, extension_loaded('pdo_sqlite'), date_default_timezone_set('Europe/Berlin')]));",
    "public/style.css": "body {}",
  }
  const { answers, closure } = await run("php", files, "/orders/7?a=b", "/style.css")
  expect(answers).toEqual(['hello, ["\\/orders\\/7?a=b",true,true,true]', "body {}"])
  expect(closure).toEqual(expect.arrayContaining(["php", "nginx"]))
  const flat = { "index.php": "<?php echo 'flat';", ".env": "SECRET=1", "composer.json": "{}" }
  const said = await run("php-flat", flat, "/", "/.env", "/composer.json")
  expect(said.answers[0]).toBe("flat")
  for (const answer of said.answers.slice(1)) expect(answer).toContain("404 Not Found")
  const { program, closure: paths } = await build(describeRepository(folderWith("php-stop", flat)))
  const running = await startInSealedRoot(program, paths, { readyPath: "/" })
  expect(await running.stop()).toMatchObject({ code: 0 })
  const made = {
    "index.php": "<?php include 'made.php';",
    "skypanel.toml": "[build]\ncommand = \"php -r 'echo 1;' >made.php\"\n",
  }
  expect((await run("php-made", made, "/")).answers).toEqual(["1"])
  const broken = { "index.php": "<?php echo 'flat'; }" }
  expect(await failureOf(build(describeRepository(folderWith("php-broken", broken))))).toContain(
    "Unmatched '}' in ./index.php on line 1",
  )
})

// The index of gems cannot be reached where this runs: a server on this machine stands for it.
it("a Ruby repository has the gems of its lock file, by their checksums or from its cache", async () => {
  const remote = gemOf("greet", "module Greet; def self.words = 'by a checksum'; end\n")
  const cached = gemOf("cached", "module Cached; def self.words = 'from the cache'; end\n")
  await using index = await serve({ "/gems/greet-1.0.0.gem": remote })
  const folder = (hash: string) => {
    const place = folderWith("ruby", {
      Gemfile: `source "${index.url}"\ngem "greet"\ngem "cached"\ngroup :test do\n  gem "minitest"\nend\n`,
      "Gemfile.lock": `GEM\n  remote: ${index.url}/\n  specs:\n    cached (1.0.0)\n    greet (1.0.0)\n    minitest (5.0.0)\n\nPLATFORMS\n  ruby\n\nDEPENDENCIES\n  cached\n  greet\n  minitest\n\nCHECKSUMS\n  greet (1.0.0) sha256=${hash}\n\nBUNDLED WITH\n   2.6.2\n`,
      "app.rb": `require "socket"
require "greet"
require "cached"
server = TCPServer.new("0.0.0.0", ENV["PORT"].to_i)
loop do
  client = server.accept
  client.gets
  text = "#{Greet.words}, #{Cached.words}"
  client.write "HTTP/1.1 200 OK\\r\\nContent-Length: #{text.bytesize}\\r\\nConnection: close\\r\\n\\r\\n#{text}"
  client.close
end
`,
      "vendor/cache/cached-1.0.0.gem": "",
    })
    writeFileSync(join(place, "vendor/cache/cached-1.0.0.gem"), cached)
    return describeRepository(place)
  }
  const { answers, closure } = await runFolder(folder(sha256(remote)), "/")
  expect(answers).toEqual(["by a checksum, from the cache"])
  expect(closure).toContain("service-gems")
  expect(await failureOf(build(folder("0".repeat(64))))).toContain("hash mismatch")
})
