import { Schema } from "effect"
import { describe, expect, it } from "vitest"
import { filesOfStack, readStackFile, writeStackFile } from "./StackFile.ts"
import type { StackDefinition } from "./StackTemplate.ts"
import { WrittenStack } from "./StackTemplate.ts"

const read = (services: unknown, files: ReadonlyMap<string, string> = new Map()) =>
  readStackFile(JSON.stringify({ name: "shop", services }), files)

describe("a stack.json", () => {
  it.each([
    ["{", "stack.json", "it is not JSON"],
    ["[]", "stack.json", "it is not an object"],
    ['{ "services": [] }', "services", "an object for each service"],
    ['{ "services": { "db": { "port": 1 } } }', "services.db", "say what it is made of"],
    ['{ "services": { "db": { "template": "a", "image": "b" } } }', "services.db", "say what it is made of"],
    ['{ "services": { "db": { "expressionFile": "a.nix" } } }', "services.db", "reads a file beside"],
    ['{ "services": { "db": { "image": "a", "lfs": true } } }', "services.db.lfs", "that is for `git`"],
    ['{ "services": { "db": { "git": "a", "owner": "b" } } }', "services.db.owner", "that is for `template`"],
  ])("%s: %s: %s", (text, path, message) => {
    expect(readStackFile(text).issues).toMatchObject([{ path, message: expect.stringContaining(message) }])
  })

  it("names what each service is made of by one short name", () => {
    const { definition } = read({
      a: { template: "wiki", version: 2, options: { heading: "Shop" } },
      b: { git: "https://example.com/a.git", ref: "main" },
      c: { image: "redis:7" },
      d: { expression: ["{ pkgs, ... }:", "pkgs.hello"], port: 9000 },
      e: { git: "https://example.com/a.git", submodules: true, lfs: false },
    }) as { definition: { services: object } }
    expect(definition.services).toEqual({
      a: { source: { _tag: "template", template: "wiki", version: 2, options: { heading: "Shop" } } },
      b: { source: { _tag: "git", url: "https://example.com/a.git", ref: "main" } },
      c: { source: { _tag: "image", reference: "redis:7" } },
      d: { port: 9000, source: { _tag: "expression", expression: "{ pkgs, ... }:\npkgs.hello" } },
      e: {
        source: { _tag: "git", url: "https://example.com/a.git", ref: null, submodules: true, lfs: false },
      },
    })
  })

  it("has expressions in files beside it, and in no others", () => {
    const services = { a: { expressionFile: "a.nix" }, b: { expressionFile: "../b.nix" } }
    expect(filesOfStack(JSON.stringify({ services }))).toEqual(["a.nix"])
    expect(filesOfStack("{")).toEqual([])
    const files = new Map([["a.nix", "pkgs: 1\n"]])
    expect(read(services, files).issues).toMatchObject([{ path: "services.b" }])
    expect(read({ a: services.a }, files)).toMatchObject({
      definition: { services: { a: { source: { _tag: "expression", expression: "pkgs: 1\n" } } } },
    })
  })

  it("is written again as it can be read, without what goes without saying", () => {
    const part = {
      ...{ key: "db", title: "Database", public: false, port: 5432, healthPath: null, replicas: 1 },
      ...{ resources: { cpu: 0.25, memoryBytes: 2 ** 28, storageBytes: 2 ** 26 }, volume: null },
      ...{ environment: {}, secrets: [], needs: [] },
    }
    const definition: StackDefinition = {
      title: "Shop",
      description: "A shop.",
      icon: "",
      services: [
        {
          ...part,
          source: { _tag: "template", template: "wiki", version: 2, owner: "everyone", options: {} },
        },
        { ...part, key: "web", needs: ["db"], source: { _tag: "expression", expression: "a\nb" } },
        {
          ...part,
          key: "docs",
          source: { _tag: "git", url: "https://a.example/b.git", ref: "v1", lfs: true },
        },
      ],
    }
    const text = writeStackFile("shop", definition)
    expect(text).not.toMatch(/replicas|secrets|volume|options|submodules/)
    const { name, definition: again } = readStackFile(text) as { name: string; definition: object }
    expect(name).toBe("shop")
    const decoded = Schema.decodeUnknownSync(WrittenStack)({ ...again, icon: "" })
    expect(decoded.services).toMatchObject({
      db: { title: "Database", source: { template: "wiki", version: 2, owner: "everyone" } },
      web: { needs: ["db"], source: { expression: "a\nb" } },
      docs: { source: { _tag: "git", url: "https://a.example/b.git", ref: "v1", lfs: true } },
    })
  })
})
