import { execFileSync } from "node:child_process"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, describe, expect, it } from "vitest"
import { newSealingKey, parseSealingKeys, seal, unseal } from "../seal.ts"
import { newDeployKey } from "./deployKey.ts"
import { readKnownHost } from "./hostKey.ts"

const folder = mkdtempSync(join(tmpdir(), "skypanel-deploy-key-"))
afterAll(() => rmSync(folder, { recursive: true }))

describe("a deploy key", () => {
  it("is one that OpenSSH reads, whose public half belongs to it", () => {
    const { publicKey, privateKey } = newDeployKey("skypanel web")
    const file = join(folder, "key")
    writeFileSync(file, privateKey, { mode: 0o600 })
    expect(execFileSync("ssh-keygen", ["-y", "-P", "", "-f", file], { encoding: "utf8" }).trim()).toBe(
      publicKey,
    )
  })

  it("is another one each time", () => {
    expect(newDeployKey("a").publicKey).not.toBe(newDeployKey("a").publicKey)
  })
})

describe("a host key", () => {
  const key = newDeployKey("x").publicKey.split(" ").slice(0, 2).join(" ")

  it("has the fingerprint that ssh-keygen shows", () => {
    const file = join(folder, "host.pub")
    writeFileSync(file, key)
    const shown = execFileSync("ssh-keygen", ["-l", "-f", file], { encoding: "utf8" })
    expect(shown).toContain(readKnownHost(`git.example.org ${key}`, "ssh://git.example.org")!.fingerprint)
  })

  it.each([
    ["git.example.org", "ssh://git.example.org"],
    ["git.example.org", "ssh://git.example.org:22"],
    ["[git.example.org]:2222", "ssh://git.example.org:2222"],
    ["2001:db8::1", "ssh://[2001:db8::1]"],
  ])("of %s is taken for %s", (host, origin) => {
    expect(readKnownHost(`${host} ${key}`, origin)).toMatchObject({ type: "ssh-ed25519" })
    expect(readKnownHost(`${host} ${key}`, "ssh://other.example.org")).toBeNull()
  })

  it.each(["", "@cert-authority * ", "* ", "git.example.org,* ", "git.example.org\n* "])(
    "is not what a builder makes up: %j",
    (before) => {
      expect(readKnownHost(`${before}${key}`, "ssh://git.example.org")).toBeNull()
    },
  )
})

describe("what is sealed", () => {
  const key = newSealingKey()
  const about = ["org_1", "svc_1", "credential"]

  it("opens with its key and for the same purpose only", () => {
    const sealed = seal(key, "a secret", about)
    expect(sealed.sealed).not.toContain("secret")
    expect(unseal([newSealingKey(), key], sealed, about)).toBe("a secret")
    expect(unseal([newSealingKey()], sealed, about)).toBeNull()
    expect(unseal([{ ...newSealingKey(), id: key.id }], sealed, about)).toBeNull()
    expect(unseal([key], sealed, ["org_2", "svc_1", "credential"])).toBeNull()
    expect(unseal([key], sealed, ["org_1", "svc_1credential"])).toBeNull()
  })

  it("does not open when one bit of it is another", () => {
    const { sealed, key: id } = seal(key, "a secret", about)
    const bytes = Buffer.from(sealed, "base64")
    for (let at = 0; at < bytes.length; at++) {
      const changed = Buffer.from(bytes)
      changed[at]! ^= 1
      expect(unseal([key], { sealed: changed.toString("base64"), key: id }, about)).toBeNull()
    }
    expect(unseal([key], { sealed: "", key: id }, about)).toBeNull()
  })

  it("is never the same twice", () => {
    expect(seal(key, "a", about).sealed).not.toBe(seal(key, "a", about).sealed)
  })

  it("has its keys in a file of lines, and nothing else in it", () => {
    const line = `${"a".repeat(12)} ${Buffer.alloc(32).toString("base64")}`
    expect(parseSealingKeys(`${line}\n${line}\n`)).toHaveLength(2)
    for (const text of ["", "nothing", `${line}\nrest`, line.slice(1)])
      expect(parseSealingKeys(text)).toBeNull()
  })
})
