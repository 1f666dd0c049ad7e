import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as NodeServices from "@effect/platform-node/NodeServices"
import { ConfigProvider, Effect } from "effect"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { findConnection } from "./connection.ts"

let root = ""
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "skypanel-connection-"))
})
afterEach(() => rmSync(root, { recursive: true }))

const running = (directory: string, url: string, token = "local\n") => {
  mkdirSync(join(root, directory, ".skypanel", "run"), { recursive: true })
  writeFileSync(join(root, directory, ".skypanel", "run", "cli.json"), JSON.stringify({ url }))
  writeFileSync(join(root, directory, ".skypanel", "run", "token"), token)
}

const find = (workingDirectory: string, environment: Record<string, string> = {}) => {
  mkdirSync(join(root, workingDirectory), { recursive: true })
  return Effect.runPromise(
    findConnection({ workingDirectory: join(root, workingDirectory), checkout: join(root, "checkout") }).pipe(
      Effect.provide(NodeServices.layer),
      Effect.provideService(ConfigProvider.ConfigProvider, ConfigProvider.fromUnknown(environment)),
      Effect.map(({ url, token }) => `${url} ${token}`),
      Effect.catch((error) => Effect.succeed(error.message)),
    ),
  )
}

const nothing = "No SkyPanel platform is running here."

describe("finding the platform", () => {
  it("takes the nearest that runs in the working directory or above", async () => {
    running("", "http://127.0.0.1:8080")
    running("project", "http://127.0.0.1:8081")
    expect(await find("project/deep/inside")).toBe("http://127.0.0.1:8081 local")
    expect(await find("other")).toBe("http://127.0.0.1:8080 local")
  })

  it("else the one of its own checkout", async () => {
    expect(await find("other")).toBe(nothing)
    running("checkout", "http://127.0.0.1:8082/")
    expect(await find("other")).toBe("http://127.0.0.1:8082 local")
  })

  it("lets the environment win when it names both", async () => {
    running("", "http://127.0.0.1:8080")
    const both = { SKYPANEL_URL: "https://panel.example.com/", SKYPANEL_TOKEN: "secret" }
    expect(await find("here", both)).toBe("https://panel.example.com secret")
  })

  it("refuses half of a name instead of using another platform", async () => {
    running("", "http://127.0.0.1:8080")
    expect(await find("here", { SKYPANEL_URL: "https://panel.example.com" })).toBe(
      "SKYPANEL_URL is set without SKYPANEL_TOKEN.",
    )
    expect(await find("here", { SKYPANEL_TOKEN: "secret" })).toBe(
      "SKYPANEL_TOKEN is set without SKYPANEL_URL.",
    )
  })

  it("refuses what is no web address", async () => {
    expect(await find("here", { SKYPANEL_URL: "file:///etc/passwd", SKYPANEL_TOKEN: "x" })).toMatch(
      /no http or https address/,
    )
    expect(await find("here", { SKYPANEL_URL: "panel", SKYPANEL_TOKEN: "x" })).toMatch(
      /no http or https address/,
    )
  })

  it("passes over what is damaged", async () => {
    running("", "http://127.0.0.1:8080")
    running("empty", "http://127.0.0.1:8081", "\n")
    expect(await find("empty")).toBe("http://127.0.0.1:8080 local")
    running("damaged", "http://127.0.0.1:8081")
    writeFileSync(join(root, "damaged", ".skypanel", "run", "cli.json"), "{")
    expect(await find("damaged")).toBe("http://127.0.0.1:8080 local")
  })
})
