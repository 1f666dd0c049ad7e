import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import pg from "pg"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { forgedFrame } from "./isolation/vxlan.ts"
import { usePlatform } from "./lab/platform.ts"

/**
 * A hostile application: it tries to reach what it is told to, and says what happened. `/tcp` connects, `/udp` sends
 * one datagram with the given bytes, `/heard` gives what arrived on its own UDP port, `/file` writes, `/whoami` looks.
 */
const hostile = `
const http = require("node:http"), net = require("node:net"), dgram = require("node:dgram"), fs = require("node:fs"), os = require("node:os")
const heard = []
const ear = dgram.createSocket("udp4").on("message", (bytes) => heard.push(bytes.toString())).bind(9999)
const connect = (host, port) => new Promise((resolve) => {
  const socket = net.connect({ host, port }).setTimeout(1500)
  for (const [event, word] of [["connect", "open"], ["timeout", "silent"], ["error", "closed"]])
    socket.on(event, (error) => { resolve(event === "error" ? error.code : word); socket.destroy() })
})
http.createServer(async (request, response) => {
  const url = new URL(request.url, "http://x"), of = (name) => url.searchParams.get(name)
  if (url.pathname === "/tcp") response.end(await connect(of("host"), Number(of("port"))))
  else if (url.pathname === "/udp") ear.send(Buffer.from(of("bytes"), "hex"), Number(of("port")), of("host"), (error) => response.end(error ? error.code : "sent"))
  else if (url.pathname === "/heard") response.end(JSON.stringify(heard))
  else if (url.pathname === "/addresses") response.end(JSON.stringify(Object.values(os.networkInterfaces()).flat().filter((a) => a.family === "IPv4" && !a.internal).map((a) => a.address)))
  else if (url.pathname === "/file") { try { fs.writeFileSync(of("path"), "x"); response.end("written") } catch (error) { response.end(error.code) } }
  else if (url.pathname === "/whoami") response.end(JSON.stringify({ uid: process.getuid(), status: fs.readFileSync("/proc/self/status", "utf8") }))
  else response.end("ok")
}).listen(process.env.PORT)
process.on("SIGTERM", () => process.exit(0))
`

const platform = usePlatform()
const folder = mkdtempSync(join(tmpdir(), "skypanel-isolation-"))

const ask = async (service: string, path: string) => (await platform().get(`${service}.localhost`, path)).text

/** A second organization with the same administrator as its owner, so that the test may deploy to both. */
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

beforeAll(async () => {
  const file = join(folder, "hostile.nix")
  writeFileSync(
    file,
    `{ pkgs, ... }: pkgs.writeShellScriptBin "hostile" ''
  exec \${pkgs.nodejs}/bin/node \${pkgs.writeText "hostile.js" ''${hostile.replaceAll("''", "'''").replaceAll("${", "''${")}''}
''`,
  )
  await addOrganization()
  for (const [organization, name] of [
    ["acme", "attacker"],
    ["acme", "friend"],
    ["other", "victim"],
  ] as const) {
    const { code, stderr } = await platform().cli(
      "deploy",
      name,
      "--organization",
      organization,
      "--expression",
      file,
      "--wait",
    )
    expect(code, stderr).toBe(0)
  }
}, 300_000)

afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe("a hostile application", () => {
  it("reaches its own organization's services by name, so that the silence below means something", async () => {
    expect(await ask("attacker-acme", "/tcp?host=friend&port=8080")).toBe("open")
  })

  it("finds no name and no address of another organization", async () => {
    expect(await ask("attacker-acme", "/tcp?host=victim&port=8080")).not.toBe("open")
    const addresses = JSON.parse(await ask("victim-other", "/addresses")) as Array<string>
    expect(addresses.length).toBeGreaterThan(0)
    for (const address of addresses)
      expect(await ask("attacker-acme", `/tcp?host=${address}&port=8080`), address).not.toBe("open")
  })

  it("reaches nothing of the worker, the control plane, the manager or the metadata service", async () => {
    const { hosts, ports } = await platform().forbidden()
    for (const host of hosts)
      for (const port of ports)
        expect(await ask("attacker-acme", `/tcp?host=${host}&port=${port}`), `${host}:${port}`).not.toBe(
          "open",
        )
  }, 120_000)

  it("cannot inject frames into another organization's network", async () => {
    const addresses = JSON.parse(await ask("victim-other", "/addresses")) as Array<string>
    const { hosts } = await platform().forbidden()
    for (const address of addresses)
      for (let network = 4096; network < 4106; network++)
        for (const host of hosts)
          await ask(
            "attacker-acme",
            `/udp?host=${host}&port=4789&bytes=${forgedFrame(network, address, "injected").toString("hex")}`,
          )
    expect(await ask("victim-other", "/heard")).toBe("[]")
  }, 120_000)

  it("is nobody, without capabilities, in a root that it cannot write", async () => {
    const { uid, status } = JSON.parse(await ask("attacker-acme", "/whoami"))
    expect(uid).toBe(65534)
    expect(status).toMatch(/CapEff:\s+0+\n/)
    expect(status).toMatch(/CapBnd:\s+0+\n/)
    expect(await ask("attacker-acme", "/file?path=/nix/x")).toBe("EROFS")
    expect(await ask("attacker-acme", "/file?path=/tmp/x")).toBe("written")
  })
})
