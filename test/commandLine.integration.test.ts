import { createHmac } from "node:crypto"
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { usePlatform } from "./lab/platform.ts"
import { makeRepository, type TestRepository } from "./lab/repository.ts"
import { until } from "./lab/until.ts"

const platform = usePlatform({ SKYPANEL_HEALTH_DEADLINE_SECONDS: "20" })
const folder = mkdtempSync(join(tmpdir(), "skypanel-expressions-"))
let repository: TestRepository

beforeAll(async () => {
  repository = await makeRepository()
})
afterAll(async () => {
  await repository?.close()
  rmSync(folder, { recursive: true, force: true })
})

const expression = (text: string) => {
  const file = join(folder, `${Math.random().toString(36).slice(2)}.nix`)
  writeFileSync(file, text)
  return file
}

const deploy = (name: string, ...args: ReadonlyArray<string>) =>
  platform().cli("deploy", name, ...args, "--wait")

/** As a script of one's own tells of a push. */
const sendPush = async (url: string, secret: string, push: object) => {
  const body = JSON.stringify(push)
  const signature = `sha256=${createHmac("sha256", secret).update(body).digest("hex")}`
  return (await fetch(url, { method: "POST", body, headers: { "x-skypanel-signature": signature } })).status
}

const server = (answer: string) =>
  `const http = require("node:http")
http.createServer((request, response) => { console.log("asked for", request.url); response.end(${JSON.stringify(answer)} + (process.env.NAME ?? "")) })
  .listen(process.env.PORT, () => console.log("listening"))
process.on("SIGTERM", () => process.exit(0))
`

const nodeExpression = (source: string) => `{ pkgs, ... }:
pkgs.writeShellScriptBin "web" ''
  exec \${pkgs.nodejs}/bin/node \${pkgs.writeText "server.js" ''${source.replaceAll("''", "'''").replaceAll("${", "''${")}''}
''
`

describe("deploying from the command line", () => {
  it.each(["nodejs", "python", "go", "static"])(
    "brings the %s template to a URL that answers",
    async (template) => {
      const { code, stdout, stderr } = await deploy(`from-${template}`, "--template", template)
      expect(code, stderr).toBe(0)
      const url = stdout.trimEnd().split("\n").at(-1)!
      expect(url).toBe(`http://from-${template}-acme.localhost:${platform().endpointPort}`)
      expect((await platform().get(`from-${template}-acme.localhost`)).status).toBe(200)
    },
    300_000,
  )

  it("tries a template of one's own, offers it, makes a service from it, updates it and goes back", async () => {
    const { cli, get } = platform()
    const own = join(folder, "own")
    mkdirSync(own)
    const write = (text: string, options: object) => {
      const resources = { cpu: 0.1, memoryBytes: 2 ** 27, storageBytes: 2 ** 26 }
      const about = {
        title: "Own",
        description: "It answers.",
        category: "web",
        port: 8080,
        resources,
        options,
      }
      writeFileSync(join(own, "template.json"), JSON.stringify({ name: "own", ...about }))
      writeFileSync(join(own, "default.nix"), text)
    }
    const greeting = { greeting: { type: "text", required: true } }
    const answer = (program: string) =>
      nodeExpression(program)
        .replace("{ pkgs, ... }", "{ pkgs, options, ... }")
        .replace("GREETING", `\${builtins.toJSON options.greeting}`)
    const first = `require("node:http").createServer((_, answer) => answer.end(GREETING + (process.env.KEY ?? ""))).listen(process.env.PORT)`
    const run = async (...args: ReadonlyArray<string>) => {
      const { code, stderr } = await cli(...args)
      expect(code, stderr).toBe(0)
    }
    write("{ pkgs, options, ... }: pkgs.nodejss", greeting)
    await run("templates", "add", own)
    const failed = await cli("templates", "validate", "own", "--wait")
    expect(failed.code).toBe(1)
    expect(failed.stderr).toMatch(/nodejss[\s\S]*expression\.nix, line 1/)
    expect((await cli("templates", "publish", "own")).code).toBe(4)
    const key = { type: "secret", variable: "KEY" }
    write(answer(first), { ...greeting, key })
    await run("templates", "add", own)
    await run("templates", "validate", "own", "--wait")
    await run("templates", "publish", "own")
    const options = ["--option", 'greeting=it\'s <"fine">', "--option", "key=-k"]
    await run("deploy", "of-own", "--template", "own", ...options, "--wait")
    expect((await get("of-own-acme.localhost")).text).toBe(`it's <"fine">-k`)
    write(answer(first.replace("GREETING", 'GREETING + " again"')), { ...greeting, key })
    await run("templates", "add", own)
    await run("templates", "validate", "own", "--wait")
    await run("templates", "publish", "own")
    await run("templates", "update", "of-own", "--wait")
    expect((await get("of-own-acme.localhost")).text).toBe(`it's <"fine"> again-k`)
    await run("rollback", "of-own", "--wait")
    expect((await get("of-own-acme.localhost")).text).toBe(`it's <"fine">-k`)
    await run("templates", "remove", "own", "--yes")
    expect((await get("of-own-acme.localhost")).text).toBe(`it's <"fine">-k`)
  }, 180_000)

  it("builds a Git repository that has no Nix in it, and a new commit of it", async () => {
    const files = {
      "package.json": JSON.stringify({ name: "app", version: "1.0.0", scripts: { start: "node server.js" } }),
      "package-lock.json": JSON.stringify({
        name: "app",
        version: "1.0.0",
        lockfileVersion: 3,
        requires: true,
        packages: { "": { name: "app", version: "1.0.0" } },
      }),
      "server.js": server("first"),
    }
    const first = await repository.commit(files)
    const one = await deploy("from-git", "--git", repository.url)
    expect(one.code, one.stderr).toBe(0)
    expect((await platform().get("from-git-acme.localhost")).text).toBe("first")
    const status = JSON.parse((await platform().cli("status", "from-git", "--json")).stdout)
    expect(JSON.stringify(status)).toContain(repository.url)
    expect(one.stderr).toContain(first.slice(0, 7))
    await repository.commit({ ...files, "server.js": server("second") })
    const two = await deploy("from-git")
    expect(two.code, two.stderr).toBe(0)
    expect((await platform().get("from-git-acme.localhost")).text).toBe("second")

    const made = await platform().cli("source", "hook", "make", "from-git", "--json")
    const hook = JSON.parse(made.stdout)
    const commit = await repository.commit({ ...files, "server.js": server("third") })
    const told = await sendPush(hook.repository.hook.url, hook.secret, { commit })
    expect(told).toBe(202)
    await until("the pushed commit to answer", async () =>
      (await platform().get("from-git-acme.localhost")).text === "third" ? true : null,
    )
  }, 300_000)

  it("builds a folder of this machine, without what .gitignore names, and what has changed in it", async () => {
    const site = join(folder, "site")
    mkdirSync(join(site, "drafts"), { recursive: true })
    writeFileSync(join(site, ".gitignore"), "drafts/\n")
    writeFileSync(join(site, "drafts/secret.html"), "not yet")
    writeFileSync(join(site, "index.html"), "from a folder")
    const one = await deploy("from-folder", "--dir", site)
    expect(one.code, one.stderr).toBe(0)
    expect(one.stderr).toContain("index.html → served as files")
    const { get } = platform()
    expect((await get("from-folder-acme.localhost")).text).toBe("from a folder")
    expect((await get("from-folder-acme.localhost", "/drafts/secret.html")).status).toBe(404)
    writeFileSync(join(site, "index.html"), "changed")
    const two = await deploy("from-folder", "--dir", site)
    expect(two.code, two.stderr).toBe(0)
    expect((await get("from-folder-acme.localhost")).text).toBe("changed")
  }, 120_000)

  it("builds a Nix expression, changes a variable without a build, rolls back, stops, starts, restarts, deletes", async () => {
    const { cli, get } = platform()
    const file = expression(nodeExpression(server("hello ")))
    const made = await deploy("from-nix", "--expression", file, "--env", "NAME=one")
    expect(made.code, made.stderr).toBe(0)
    expect((await get("from-nix-acme.localhost")).text).toBe("hello one")

    const changed = await deploy("from-nix", "--env", "NAME=two")
    expect(changed.code, changed.stderr).toBe(0)
    expect((await get("from-nix-acme.localhost")).text).toBe("hello two")
    const builds = await platform().api("GET", "/organizations/acme/services/from-nix/deployments")
    expect(builds.body[0].trigger).toBe("configuration")
    expect(builds.body[0].steps.find((step: { name: string }) => step.name === "building").state).toBe(
      "skipped",
    )

    const back = await cli("rollback", "from-nix", "1", "--wait")
    expect(back.code, back.stderr).toBe(0)
    expect((await get("from-nix-acme.localhost")).text).toBe("hello one")

    expect((await cli("stop", "from-nix")).code).toBe(0)
    await until(
      "the endpoint to say that it is stopped",
      async () => ((await get("from-nix-acme.localhost")).status === 503 ? true : null),
      5,
    )
    expect((await cli("start", "from-nix", "--wait")).code).toBe(0)
    expect((await get("from-nix-acme.localhost")).status).toBe(200)
    expect((await cli("restart", "from-nix", "--wait")).code).toBe(0)
    expect((await get("from-nix-acme.localhost")).status).toBe(200)

    expect((await cli("logs", "from-nix")).stdout).toContain("listening")
    expect((await cli("logs", "from-nix", "--build")).stdout).not.toBe("")
    const releases = JSON.parse((await cli("releases", "from-nix", "--json")).stdout)
    expect(releases).toHaveLength(2)

    expect((await cli("delete", "from-nix", "--yes")).code).toBe(0)
    await until(
      "the service to be gone",
      async () =>
        (await platform().api("GET", "/organizations/acme/services/from-nix")).status === 404 ? true : null,
      30,
    )
    expect((await get("from-nix-acme.localhost")).status).toBe(404)
  }, 300_000)
})

describe("checking a source", () => {
  const check = (...args: ReadonlyArray<string>) => platform().cli("check", ...args)

  it("says what is wrong and where, like a compiler", async () => {
    const file = expression("{ pkgs, ... }:\n\n  pkgs.helo\n")
    const { code, stdout } = await check(file)
    expect(code).toBe(1)
    expect(stdout).toContain(`${file}:3:`)
    expect(stdout).toContain("error: There is no attribute “helo”.")
    expect(stdout).toContain("  pkgs.helo\n       ^^^^\n")
    expect(stdout).toContain("Did you mean hello")
  }, 60_000)

  it("lists every package that it needs", async () => {
    const { code, stdout, stderr } = await check(expression("{ pkgs, ... }: pkgs.hello"))
    expect(code, stderr).toBe(0)
    expect(stdout).toMatch(/✓ hello 2\.10/)
    expect(stdout).toMatch(/glibc +2\.36/)
    const json = JSON.parse((await check("--json", expression("{ pkgs, ... }: pkgs.hello"))).stdout)
    expect(json).toMatchObject({ state: "done", diagnostics: [], plan: { name: "hello", version: "2.10" } })
  }, 60_000)

  it("reads a folder of this machine, with its files' own names", async () => {
    const site = join(folder, "checked")
    mkdirSync(site)
    writeFileSync(join(site, "default.nix"), "{ pkgs, ... }:\npkgs.runCommand 1 2\n}")
    const { code, stdout, stderr } = await check("--dir", site)
    expect(code, stderr).toBe(1)
    expect(stdout).toContain(`${join(site, "default.nix")}:3:1: error: `)
    expect(stdout).toContain("\n}\n^\n")
  }, 60_000)
})

describe("bad input", () => {
  const failing: ReadonlyArray<readonly [string, string, RegExp]> = [
    ["a syntax error", "{ pkgs, ... }:\npkgs.hello +\n", /line|:\d+:\d+|2:|3:/],
    ["an undefined attribute", "{ pkgs, ... }: pkgs.nodjs", /nodjs[\s\S]*nodejs/],
    [
      "reading a file of the host",
      '{ pkgs, ... }: pkgs.writeText "x" (builtins.readFile "/etc/shadow")',
      /shadow/,
    ],
    [
      "an expression without an end",
      "{ pkgs, ... }: let f = x: f (x + 1); in f 0",
      /limit|recursion|overflow|memory|second/i,
    ],
    [
      "a derivation that fails",
      '{ pkgs, ... }: pkgs.runCommand "broken" {} "echo the reason is here; exit 7"',
      /the reason is here/,
    ],
    [
      "an application that exits at once",
      nodeExpression('console.log("bye"); process.exit(3)'),
      /code 3[\s\S]*bye|bye[\s\S]*code 3/,
    ],
    ["a port nobody listens on", nodeExpression("setInterval(() => {}, 1000)"), /listened on port/],
  ]

  it.each(failing)(
    "%s ends with the reason, and nothing stays behind",
    async (what, text, reason) => {
      const name = `bad-${what.replaceAll(/[^a-z]+/g, "-").slice(0, 20)}x`
      const { code, stderr, stdout } = await deploy(name, "--expression", expression(text))
      expect(code, stderr).toBe(1)
      expect(stderr).toMatch(reason)
      expect(stdout.trim()).toBe("")
      const { body } = await platform().api("GET", `/organizations/acme/services/${name}`)
      expect(body.state).toBe("failed")
      await until("its containers to be gone", async () => {
        const service = await platform().api("GET", `/organizations/acme/services/${name}`)
        return service.body.instances.length === 0 ? true : null
      })
    },
    180_000,
  )

  it.each([
    ["a name that is no DNS label", ["Bad_Name", "--template", "nodejs"], /lower-case/],
    ["a template that is not there", ["absent", "--template", "cobol"], /no template "cobol"/],
    ["more CPU than any worker has", ["huge", "--template", "nodejs", "--cpu", "60"], /No worker has 60 CPU/],
    [
      "more memory than any worker has",
      ["huge", "--template", "nodejs", "--memory", "500GiB"],
      /No worker has 500 GiB/,
    ],
    ["a file URL", ["file", "--git", "file:///etc"], /file:\/\/ is not allowed/],
    ["an ext URL", ["ext", "--git", "ext::sh -c id"], /not|spaces/],
    ["an option for a URL", ["option", "--git", "--upload-pack=id"], /./],
  ])("%s is refused at once", async (_, args, reason) => {
    const { code, stderr } = await platform().cli("deploy", ...args, "--wait")
    expect(code).not.toBe(0)
    expect(stderr).toMatch(reason)
    const { body } = await platform().api("GET", "/organizations/acme/services")
    expect(body.map((service: { name: string }) => service.name)).not.toContain(args[0])
  })

  it.each([
    ["a repository that does not exist", "/nothing/.git", /repository/i],
    ["a ref that does not exist", null, /no such|not found|does not exist|has no/i],
  ])(
    "%s is told apart",
    async (what, path, reason) => {
      const url = path === null ? repository.url : new URL(path, repository.url).href
      const ref = path === null ? ["--ref", "absent"] : []
      const { code, stderr } = await deploy(`git-${what.length}`, "--git", url, ...ref)
      expect(code).toBe(1)
      expect(stderr).toMatch(reason)
    },
    60_000,
  )

  it("a name that is taken keeps what has it", async () => {
    const again = await platform().api("POST", "/organizations/acme/services", {
      name: "from-nodejs",
      source: { _tag: "template", template: "static" },
    })
    expect(again.status).toBe(409)
    expect(again.body).toMatchObject({ _tag: "NameTaken" })
  })

  it("the release before goes on serving when a new one is not healthy", async () => {
    const { get, cli } = platform()
    const broken = await cli("deploy", "from-nodejs", "--port", "9", "--health-path", "/nowhere", "--wait")
    expect(broken.code).toBe(1)
    expect((await get("from-nodejs-acme.localhost")).status).toBe(200)
  }, 60_000)

  it("somebody else's organization is not there", async () => {
    expect((await platform().api("GET", "/organizations/other/services")).status).toBe(404)
    const anonymous = await fetch(`${platform().url}/api/v1/organizations/acme/services`)
    expect(anonymous.status).toBe(401)
  })
})

describe("the platform's own addresses", () => {
  it("tell how it is, and what its API is", async () => {
    const { url } = platform()
    for (const path of ["/healthz", "/readyz"]) expect((await fetch(url + path)).status, path).toBe(200)
    const openapi = (await (await fetch(`${url}/api/v1/openapi.json`)).json()) as { paths: object }
    expect(Object.keys(openapi.paths)).toContain("/api/v1/organizations/{organization}/services")
    expect(await (await fetch(`${url}/api/v1/docs`)).text()).toContain("<html")
  })

  it("name the fields of a request that are wrong", async () => {
    const { status, body } = await platform().api("POST", "/organizations/acme/services", {
      name: "Wrong Name",
      source: { _tag: "template", template: "nodejs" },
      port: 0,
    })
    expect(status).toBe(400)
    expect(body._tag).toBe("InvalidInput")
    expect(body.issues[0].path).toMatch(/name|port/)
  })
})
