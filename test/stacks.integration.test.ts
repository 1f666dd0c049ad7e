import { execFile } from "node:child_process"
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { promisify } from "node:util"
import pg from "pg"
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest"
import { makeImage, writeImage } from "./images/makeImage.ts"
import { openGitServer } from "./lab/gitServer.ts"
import { openImageRegistry, registryLogin } from "./lab/imageRegistry.ts"
import { BUSYBOX_PROGRAM } from "./lab/images.ts"
import { usePlatform } from "./lab/platform.ts"
import { until } from "./lab/until.ts"

/** Both stacks of the library on a real Swarm: PostgreSQL and Redis are the real ones, built by Nix. */

const environment: Record<string, string> = { SKYPANEL_HEALTH_DEADLINE_SECONDS: "20" }
const platform = usePlatform(environment)
const folder = mkdtempSync(join(tmpdir(), "skypanel-stacks-"))
const minutes = 60_000

/** Says what comes of a connection to where it is told, what Redis there says to a password, and what address a name has. */
const prober = `
const http = require("node:http"), net = require("node:net"), dns = require("node:dns")
http.createServer((request, response) => {
  const url = new URL(request.url, "http://x"), host = url.searchParams.get("host")
  if (host === null) return response.end("ok")
  if (url.pathname === "/address") {
    setTimeout(() => response.end("silent"), 3000)
    return dns.lookup(host, (error, address) => response.end(error ? error.code : address))
  }
  const socket = net.connect({ host, port: Number(url.searchParams.get("port")) }).setTimeout(1500)
  if (url.pathname === "/redis") {
    socket.on("connect", () => socket.write("AUTH " + url.searchParams.get("password") + "\\r\\n"))
    return socket.on("data", (said) => { response.end(said); socket.destroy() })
      .on("timeout", () => response.end("silent")).on("error", ({ code }) => response.end(code))
  }
  for (const [event, word] of [["connect", "open"], ["timeout", "silent"], ["error", "closed"]])
    socket.on(event, () => { response.end(word); socket.destroy() })
}).listen(process.env.PORT)
process.on("SIGTERM", () => process.exit(0))
`

/** A second organization with the same administrator as its owner. */
const addOrganization = async () => {
  const client = new pg.Client({ connectionString: platform().databaseUrl })
  await client.connect()
  try {
    await client.query(
      `with o as (insert into auth.organization (id, name, slug, "createdAt")
         values ('org_000000000000000000000000', 'Other', 'other', now()) returning id)
       insert into auth.member (id, "organizationId", "userId", role, "createdAt")
       select 'aut_other', o.id, u.id, 'owner', now() from o, auth."user" u`,
    )
  } finally {
    await client.end()
  }
}

const skypanel = async (...args: ReadonlyArray<string>) => {
  const { code, stdout, stderr } = await platform().cli(...args)
  expect(code, `${args.join(" ")}\n${stdout}${stderr}`).toBe(0)
  return stdout
}

const ask = async (service: string, path = "/", organization = "acme") =>
  (await platform().get(`${service}-${organization}.localhost`, path)).text

const keepNote = async (text: string) => {
  const { endpointAddress, endpointPort } = platform()
  const url = `http://${endpointAddress}:${endpointPort}/notes`
  await promisify(execFile)("curl", [
    ...["--silent", "--fail", "--max-time", "10", "--header", "Host: notes-web-acme.localhost"],
    ...["--data-urlencode", `text=${text}`, url],
  ])
}

const notes = async () => {
  const text = await until("the notes", async () => {
    const { status, text } = await platform().get("notes-web-acme.localhost", "/notes")
    return status === 200 ? text : null
  })
  return JSON.parse(text)
}

const stackOf = async (name: string) =>
  (await platform().api("GET", `/organizations/acme/stacks/${name}`)).body

const states = ({
  revisions,
}: {
  revisions: ReadonlyArray<{ steps: ReadonlyArray<{ key: string; state: string }> }>
}) => revisions[0]!.steps.map(({ key, state }) => `${key} ${state}`).join(", ")

beforeAll(async () => {
  await addOrganization()
  const file = join(folder, "prober.nix")
  writeFileSync(
    file,
    `{ pkgs, ... }: pkgs.writeShellScriptBin "prober" ''
  exec \${pkgs.nodejs}/bin/node \${pkgs.writeText "prober.js" ''${prober.replaceAll("''", "'''").replaceAll("${", "''${")}''}
''`,
  )
  for (const organization of ["acme", "other"])
    await skypanel("deploy", "prober", "--organization", organization, "--expression", file, "--wait")
}, 5 * minutes)

afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe("an application with PostgreSQL", () => {
  it(
    "is deployed, the database first",
    async () => {
      await skypanel("stacks", "create", "notes", "--template", "web-postgres", "--wait")
      expect(states(await stackOf("notes"))).toBe("db live, web live")
    },
    5 * minutes,
  )

  it(
    "writes into PostgreSQL, and reads it back after an update, which leaves the database alone",
    async () => {
      await keepNote("Grüezi ' \"")
      expect(await notes()).toEqual(["Grüezi ' \""])
      await skypanel("stacks", "update", "notes", "--set", "web.env.GREETING=Changed", "--wait")
      expect(states(await stackOf("notes"))).toBe("db unchanged, web live")
      expect(await ask("notes-web")).toContain("<h1>Changed</h1>")
      expect(await notes()).toEqual(["Grüezi ' \""])
    },
    2 * minutes,
  )

  it(
    "has its data also after the database's container was replaced",
    async () => {
      await skypanel("restart", "notes-db", "--wait")
      await keepNote("again")
      expect(await notes()).toEqual(["again", "Grüezi ' \""])
    },
    2 * minutes,
  )

  it(
    "gets another password for its database and goes on to the end of that when the platform is killed meanwhile",
    async () => {
      const { platform: program, api, isReady } = platform()
      const password = async () => (await skypanel("stacks", "secret", "notes", "db.password")).trim()
      const old = await password()
      await program.end("SIGTERM")
      environment.SKYPANEL_FAILPOINT = "stack-step-started"
      program.start()
      await isReady()
      await api("POST", "/organizations/acme/stacks/notes/secrets/db.password/rotate").catch(() => null)
      await until("the kill", async () => (program.hasEnded() ? true : null))
      delete environment.SKYPANEL_FAILPOINT
      program.start()
      await isReady()
      const stack = await until(
        "the secret to be rotated",
        async () => {
          const now = await stackOf("notes")
          expect(now.revisions[0].failure, JSON.stringify(now.revisions[0].failure)).toBeNull()
          return now.revisions[0].status === "live" ? now : null
        },
        120,
      )
      expect(states(stack)).toBe("db live, web live")
      expect(await password()).not.toBe(old)
      await keepNote("rotated")
      expect(await notes()).toEqual(["rotated", "again", "Grüezi ' \""])

      // The old one is of no use to anybody.
      const given = { environment: { DATABASE_URL: `postgresql://app:${old}@notes-db:5432/app` } }
      await api("PATCH", "/organizations/acme/services/notes-web", given)
      await until("the database to refuse it", async () => {
        const { status } = await platform().get("notes-web-acme.localhost", "/notes")
        const said = await skypanel("logs", "notes-db", "--lines", "100")
        return status === 503 && said.includes('password authentication failed for user "app"') ? true : null
      })
      await skypanel("stacks", "rollback", "notes", "2", "--wait")
      expect(await notes()).toEqual(["rotated", "again", "Grüezi ' \""])
    },
    4 * minutes,
  )

  it(
    "has no way in from outside, and none from another organization",
    async () => {
      expect((await platform().get("notes-db-acme.localhost")).status).toBe(404)
      const address = await ask("prober", "/address?host=notes-db")
      expect(address).toMatch(/^10\./)
      expect(await ask("prober", `/tcp?host=${address}&port=5432`)).toBe("open")
      expect(await ask("prober", `/tcp?host=${address}&port=5432`, "other")).not.toBe("open")
      expect(await ask("prober", "/address?host=notes-db", "other")).not.toMatch(/^\d/)
      const theirs = "/organizations/other/stacks/notes"
      expect((await platform().api("GET", theirs)).status).toBe(404)
      expect((await platform().api("POST", `${theirs}/secrets/db.password/reveal`)).status).toBe(404)
    },
    minutes,
  )

  it(
    "that fails says which service and why; what served serves, with its data",
    async () => {
      const { code, stderr } = await platform().cli(
        ...[
          "stacks",
          "update",
          "notes",
          "--set",
          "db.env.POSTGRES_USER=Not-a-name",
          "--set",
          "web.replicas=2",
          "--wait",
        ],
      )
      expect(code).toBe(1)
      expect(stderr).toMatch(/✗ db failed .*exited/)
      expect(states(await stackOf("notes"))).toBe("db failed, web skipped")
      expect(await notes()).toEqual(["rotated", "again", "Grüezi ' \""])
    },
    2 * minutes,
  )

  it(
    "is rolled back as one, and keeps its data",
    async () => {
      await skypanel("stacks", "rollback", "notes", "1", "--wait")
      expect((await stackOf("notes")).state).toBe("live")
      expect(await ask("notes-web")).toContain("<h1>Notes</h1>")
      expect(await notes()).toEqual(["rotated", "again", "Grüezi ' \""])
    },
    2 * minutes,
  )
})

describe("an application with a worker and Redis", () => {
  it(
    "has its work done by the worker",
    async () => {
      await skypanel("stacks", "create", "visits", "--template", "web-worker-cache", "--wait")
      for (let visit = 0; visit < 3; visit++) await ask("visits-web")
      await until("the worker to count", async () => {
        const { counted, waiting } = JSON.parse(await ask("visits-web", "/numbers"))
        return counted === 3 && waiting === 0 ? true : null
      })
      const { body } = await platform().api("GET", "/organizations/acme/services/visits-worker")
      expect(body).toMatchObject({ state: "live", port: null, url: null })
    },
    4 * minutes,
  )

  it(
    "gets another password for Redis, which takes the one before no more; web and worker go on with the new one",
    async () => {
      const password = async () => (await skypanel("stacks", "secret", "visits", "cache.password")).trim()
      const auth = async (password: string) =>
        (await ask("prober", `/redis?host=visits-cache&port=6379&password=${password}`)).trim()
      const old = await password()
      expect(await auth(old)).toBe("+OK")
      await skypanel("stacks", "rotate", "visits", "cache.password", "--yes", "--wait")
      expect(states(await stackOf("visits"))).toBe("cache live, worker live, web live")
      const now = await password()
      expect(now).not.toBe(old)
      expect(await auth(now)).toBe("+OK")
      expect(await auth(old)).toMatch(/^-WRONGPASS /)
      // Redis is another one, in whose memory nothing is.
      for (let visit = 0; visit < 2; visit++) await ask("visits-web")
      await until("the worker to count with the new password", async () => {
        const { status, text } = await platform().get("visits-web-acme.localhost", "/numbers")
        return status === 200 && text.includes('"counted":2') && text.includes('"waiting":0') ? true : null
      })
    },
    2 * minutes,
  )
})

describe("a stack of one's own, of a repository and an image", () => {
  const shop = join(folder, "shop")
  const add = async (git: object, image: string) => {
    const services = {
      site: { image, port: 9000 },
      web: {
        ...git,
        port: 8080,
        public: true,
        environment: { SITE_URL: "http://${site.host}:${site.port}/" },
        needs: ["site"],
      },
    }
    mkdirSync(shop, { recursive: true })
    const about = { name: "shop", title: "Shop", description: "A shop." }
    writeFileSync(join(shop, "stack.json"), JSON.stringify({ ...about, services }))
    await skypanel("stacks", "add", shop)
  }

  it(
    "is told of each service that cannot be fetched, and not offered; one that can is tried with its submodules, offered and deployed",
    async () => {
      const git = await openGitServer()
      onTestFinished(git.close)
      const registry = await openImageRegistry(true)
      onTestFinished(registry.close)
      const credential = { registry: registry.address, ...registryLogin }
      await platform().api("PUT", "/organizations/acme/registries", credential)
      const image = `${registry.address}/team/site`

      await add({ git: `${git.origin}/nowhere/.git` }, `${image}:gone`)
      const failed = await platform().cli("stacks", "validate", "shop", "--wait")
      expect(failed.code).toBe(1)
      const found = /^site\n(.*)^web\n(.*)^✗ Version 1 of shop is not valid/ms.exec(failed.stderr)
      expect(found?.slice(1), failed.stderr).toEqual([
        expect.stringContaining(`There is no image ${image}:gone.`),
        expect.stringContaining(`There is no Git repository at ${git.origin}/nowhere/.git.`),
      ])
      const refused = await platform().cli("stacks", "publish", "shop")
      expect([refused.code, refused.stderr]).toEqual([4, expect.stringContaining("its trial build failed")])

      const made = makeImage(
        join(folder, "site"),
        [{ "bin/busybox": readFileSync(BUSYBOX_PROGRAM), "srv/index.html": "by an image" }],
        { Cmd: ["/bin/busybox", "httpd", "-f", "-p", "9000", "-h", "/srv"] },
      )
      await registry.push(writeImage(join(folder, "site"), made), "team/site:1")
      const words = await git.commit("words", { "greeting.txt": "Grüezi" })
      const about = { name: "web", version: "1.0.0" }
      const { url } = await git.commit("web", {
        "package.json": JSON.stringify({ ...about, scripts: { start: "node server.js" } }),
        "package-lock.json": JSON.stringify({ ...about, lockfileVersion: 3, packages: { "": about } }),
        "server.js": `
          const greeting = require("node:fs").readFileSync(__dirname + "/words/greeting.txt", "utf8")
          require("node:http").createServer(async (_, answer) =>
            answer.end(greeting + " " + (await (await fetch(process.env.SITE_URL)).text()))
          ).listen(process.env.PORT)`,
        ".gitmodules": '[submodule "words"]\n\tpath = words\n\turl = ../../words/.git\n',
        words: { commit: words.commit },
      })
      await add({ git: url, submodules: true }, `${image}:1`)
      await skypanel("stacks", "validate", "shop", "--wait")
      expect(await skypanel("stacks", "templates", "log", "shop", "web")).toContain(
        "fetched submodule words at",
      )
      await skypanel("stacks", "publish", "shop")
      await skypanel("stacks", "create", "shop", "--template", "shop", "--wait")
      expect(states(await stackOf("shop"))).toBe("site live, web live")
      expect(await ask("shop-web")).toBe("Grüezi by an image")
    },
    4 * minutes,
  )
})

it(
  "nothing is left of stacks that were deleted",
  async () => {
    await Promise.all([
      skypanel("stacks", "delete", "notes", "--volumes", "delete", "--yes", "--wait"),
      ...["visits", "shop"].map((name) => skypanel("stacks", "delete", name, "--yes", "--wait")),
    ])
    const { body } = await platform().api("GET", "/organizations/acme/services")
    expect(body.map(({ name }: { name: string }) => name)).toEqual(["prober"])
    const instances = await platform().api("GET", "/workers/worker/instances")
    expect(instances.body.map(({ service }: { service: string }) => service)).toEqual(["prober", "prober"])
    expect(await skypanel("stacks", "list")).toContain("No stacks yet")
  },
  2 * minutes,
)
