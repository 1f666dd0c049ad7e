import { ConfigProvider, Effect, Exit, Option } from "effect"
import { expect, test } from "vitest"
import { builderConfig } from "./BuilderConfig.ts"

const read = (environment: Record<string, string>) =>
  Effect.runPromiseExit(
    Effect.gen(function* () {
      return yield* builderConfig
    }).pipe(Effect.provide(ConfigProvider.layer(ConfigProvider.fromUnknown(environment)))),
  )

const required = {
  SKYPANEL_CONTROL_PLANE: "http://127.0.0.1:8080/",
  SKYPANEL_DATA: "/data",
  SKYPANEL_TEMPLATES: "/templates",
  SKYPANEL_EMBEDDED: "/embedded",
  SKYPANEL_NPM_REGISTRY: "https://registry.example.org/",
}

test("the environment is read, with what is usual for the rest", async () => {
  expect(await read(required)).toEqual(
    Exit.succeed({
      controlPlane: "http://127.0.0.1:8080",
      dataFolder: "/data",
      nixpkgs: "auto",
      npmRegistry: "https://registry.example.org/",
      crates: "https://static.crates.io/crates",
      goProxy: "https://proxy.golang.org",
      wheels: "https://files.pythonhosted.org/packages",
      baseImageMirror: null,
      templates: "/templates",
      embedded: "/embedded",
      allowPrivateGit: false,
      concurrency: 2,
      diskBytes: 16 * 1024 ** 3,
      diskFiles: 2_000_000,
    }),
  )
})

test("where dependencies come from has no name and password", async () => {
  const SKYPANEL_CRATES = "https://bot:hidden@crates.example.org/all/"
  const SKYPANEL_GO_PROXY = "https://bot:hidden@go.example.org/"
  const SKYPANEL_WHEELS = "https://bot:hidden@wheels.example.org/packages/"
  const { crates, goProxy, wheels } = Exit.getSuccess(
    await read({ ...required, SKYPANEL_CRATES, SKYPANEL_GO_PROXY, SKYPANEL_WHEELS }),
  ).pipe(Option.getOrThrow)
  expect({ crates, goProxy, wheels }).toEqual({
    crates: "https://crates.example.org/all",
    goProxy: "https://go.example.org",
    wheels: "https://wheels.example.org/packages",
  })
})

test("what is missing is said", async () => {
  const { SKYPANEL_DATA: _, ...rest } = required
  expect(JSON.stringify(await read(rest))).toContain("SKYPANEL_DATA")
})
