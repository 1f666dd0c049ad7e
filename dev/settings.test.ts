import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as fc from "fast-check"
import { afterAll, afterEach, describe, expect, it } from "vitest"
import { BadSettings, fillSecrets, parseSettings, readSettings } from "./settings.ts"

const example = join(import.meta.dirname, "..", ".env.example")
const folder = mkdtempSync(join(tmpdir(), "skypanel-settings-"))
const file = join(folder, ".env")
afterEach(() => rmSync(file, { force: true }))
afterAll(() => rmSync(folder, { recursive: true }))

const problemsOf = (text: string): ReadonlyArray<string> => {
  try {
    parseSettings(text, ".env")
    return []
  } catch (error) {
    return (error as BadSettings).problems
  }
}

describe("parseSettings", () => {
  it("has a default for everything", () => {
    expect(parseSettings("", "/x/.env").settings).toMatchObject({
      databaseUrl: "",
      port: 8080,
      endpointPort: 8000,
      data: "/x/.skypanel",
      nixpkgs: "auto",
      dockerSocket: "",
      allowPrivateGit: true,
    })
  })

  it("takes off quotes and blanks, and reads DOCKER_HOST", () => {
    const text = `export SKYPANEL_PORT = "81"\r\nSKYPANEL_DATA='a b'\nDOCKER_HOST=unix:///run/x.sock\n# SKYPANEL_PORT=x\n`
    expect(parseSettings(text, "/x/.env").settings).toMatchObject({
      port: 81,
      data: "/x/a b",
      dockerSocket: "/run/x.sock",
    })
  })

  it.each([
    ["SKYPANEL_PORT=0", 'SKYPANEL_PORT must be a port, 1 to 65535, not "0"'],
    ["SKYPANEL_PORT=65536", "must be a port"],
    ["SKYPANEL_ENDPOINT_PORT=http", "must be a port"],
    ["DATABASE_URL=mysql://x", "DATABASE_URL must be empty or postgres://"],
    ["DOCKER_HOST=tcp://1.2.3.4:2375", "DOCKER_HOST must be empty or unix:///path"],
    ["SKYPANEL_DOCKER_SOCKET=docker.sock", "absolute path"],
    ["SKYPANEL_SECRET=short", "SKYPANEL_SECRET must have at least 32 characters"],
    ["SKYPANEL_ALLOW_PRIVATE_GIT=yes", "true or false"],
    ["SKYPANEL_NIXPKGS=--impure", "flake reference"],
    ["SKYPANEL_ADMIN_EMAIL=me", "e-mail"],
    ["SKYPANEL_MAIL_FROM=SkyPanel", "SKYPANEL_MAIL_FROM must be empty or an address"],
    ["no assignment", "is not NAME=value"],
    ["SKYPANEL_PORT=1\nSKYPANEL_PORT=2", "is set a second time"],
  ])("refuses %s", (line, expected) => {
    const problems = problemsOf(`\n${line}\n`)
    expect(problems).toHaveLength(1)
    expect(problems[0]).toMatch(`.env line ${line.includes("\n") ? 3 : 2}: `)
    expect(problems[0]).toMatch(expected)
  })

  it("tells all problems at once, and never a secret", () => {
    expect(problemsOf("SKYPANEL_PORT=a\nSKYPANEL_SECRET=hunter2\n")).toHaveLength(2)
    expect(problemsOf("SKYPANEL_SECRET=hunter2\n").join()).not.toMatch("hunter2")
  })

  it("refuses one port for two things", () => {
    expect(problemsOf("SKYPANEL_PORT=8000")).toEqual([
      ".env: SKYPANEL_PORT and SKYPANEL_ENDPOINT_PORT are the same",
    ])
  })

  it("takes a bucket's address, and never says the key in one that it refuses", () => {
    const url = "https://access:hunter2@s3.example.com/bucket"
    expect(parseSettings(`SKYPANEL_BUCKET_URL=${url}`, ".env").settings.bucketUrl).toBe(url)
    expect(problemsOf("SKYPANEL_BUCKET_URL=s3://access:hunter2@x")).toEqual([
      ".env line 1: SKYPANEL_BUCKET_URL must be empty or https://access:secret@host/bucket",
    ])
  })

  it("wants a sender for e-mails, and takes one with a name", () => {
    expect(problemsOf("SKYPANEL_SMTP_URL=smtps://mail.example.com")).toEqual([
      ".env: SKYPANEL_SMTP_URL needs SKYPANEL_MAIL_FROM as well, whom e-mails come from",
    ])
    expect(problemsOf("SKYPANEL_SMTP_URL=mail://sky:hunter2@x\nSKYPANEL_MAIL_FROM=a@b")).toEqual([
      ".env line 1: SKYPANEL_SMTP_URL must be empty, smtp://user:password@host:port or smtps://…",
    ])
    const text = "SKYPANEL_SMTP_URL=smtps://mail.example.com\nSKYPANEL_MAIL_FROM=Sky <sky@example.com>\n"
    expect(parseSettings(text, ".env").settings.mailFrom).toBe("Sky <sky@example.com>")
  })

  it("never fails otherwise than with BadSettings", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        try {
          parseSettings(text, ".env")
        } catch (error) {
          expect(error).toBeInstanceOf(BadSettings)
        }
      }),
    )
  })
})

describe(".env.example", () => {
  it("has every setting once, explained, and is valid", () => {
    const text = readFileSync(example, "utf8")
    const { warnings, settings } = parseSettings(fillSecrets(text), example)
    expect(warnings).toEqual([])
    expect(settings).toEqual({
      ...parseSettings("", example).settings,
      secret: settings.secret,
      adminPassword: settings.adminPassword,
    })
    expect(text).not.toMatch(/^[A-Z_]+=.*\n[A-Z_]+=.*\n[A-Z_]+=/m)
  })
})

describe("readSettings", () => {
  it("writes .env from the example on the first run only, with secrets nobody else can read", () => {
    const first = readSettings(file, example).settings
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(first.secret).toHaveLength(64)
    expect(first.adminPassword).toHaveLength(20)
    expect(readSettings(file, example).settings).toEqual(first)
  })

  it("adds secrets to a file that does not name them, and leaves the rest as it is", () => {
    writeFileSync(file, "# mine\nSKYPANEL_PORT=9000\nSKYPANEL_SECRET=\n", { mode: 0o644 })
    const { settings } = readSettings(file, example)
    const text = readFileSync(file, "utf8")
    expect(text).toMatch(
      /^# mine\nSKYPANEL_PORT=9000\nSKYPANEL_SECRET=\S{64}\nSKYPANEL_ADMIN_PASSWORD=\S{20}\n$/,
    )
    expect(settings.port).toBe(9000)
    expect(statSync(file).mode & 0o777).toBe(0o600)
  })

  it("makes other secrets each time", () => {
    const text = readFileSync(example, "utf8")
    expect(fillSecrets(text)).not.toBe(fillSecrets(text))
  })
})
