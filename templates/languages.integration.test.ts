import { expect, it } from "vitest"
import { failureOf } from "../nixos/embedded/evaluation.ts"
import { bare, build, describeRepository, folderWith } from "./building.ts"
import { serve, sha256, zipOf } from "./registry.ts"
import { startInSealedRoot } from "./sealed-root.ts"

/** Builds and starts a repository with these files, and gives what it answers and what it is made of. */
const run = async (name: string, files: Record<string, string>, ...paths: ReadonlyArray<string>) => {
  const { program, closure } = await build(describeRepository(folderWith(name, files)))
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
