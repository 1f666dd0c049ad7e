import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { agentText, type FlakeHost, startFlakeHost } from "../../test/flakeHost.ts"
import { directory, file, type Tree } from "../domain/artifacts/nar.ts"
import { checkout } from "./bundle.ts"
import { flakeTree } from "./flakeTree.ts"
import { narHashOf, tarballOf } from "./tarball.ts"

// The flake that the platform serves, taken by the real Nix as a NixOS worker takes it.

let host: FlakeHost
beforeAll(async () => {
  host = await startFlakeHost()
})
afterAll(() => host.stop())

const reference = (narHash = host.tarball.narHash) =>
  `${host.url}${host.tarball.path}?narHash=${encodeURIComponent(narHash)}`

const pathsOf = (tree: Tree, path = ""): ReadonlyArray<string> =>
  tree.kind === "directory"
    ? tree.entries.flatMap(([name, child]) => pathsOf(child, `${path}/${name}`))
    : [path]

describe("the platform's own flake", () => {
  it("is taken by Nix as a tarball with the hash that we computed", async () => {
    const { hash } = JSON.parse(await host.nix("flake", "prefetch", "--json", reference()))
    expect(hash).toBe(host.tarball.narHash)
  })

  it("brings the agent's bundle, and what the modules need", async () => {
    const flake = host.write(
      "plain",
      `{
        inputs.skypanel.url = "${reference()}";
        inputs.skypanel.flake = false;
        outputs = { skypanel, ... }: {
          agent = builtins.readFile "\${skypanel}/agent/dist/agent.mjs";
          files = builtins.attrNames (builtins.readDir skypanel);
          embedded = builtins.pathExists "\${skypanel}/nixos/embedded/prepare.mjs";
        };
      }`,
    )
    expect(await host.nix("eval", "--raw", `${flake}#agent`)).toBe(agentText)
    expect(JSON.parse(await host.nix("eval", "--json", `${flake}#files`))).toEqual(
      expect.arrayContaining(["agent", "flake.nix", "flake.lock", "nixos", "templates"]),
    )
    expect((await host.nix("eval", "--json", `${flake}#embedded`)).trim()).toBe("true")
  })

  it("is not taken when it is not what the script says", async () => {
    host.instead = await tarballOf(directory({ "flake.nix": file("{ outputs = _: { }; }") }), "other")
    const flake = host.write(
      "changed",
      `{
        inputs.skypanel.url = "${reference("sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=")}";
        inputs.skypanel.flake = false;
        outputs = { skypanel, ... }: { files = builtins.attrNames (builtins.readDir skypanel); };
      }`,
    )
    await expect(host.nix("eval", "--json", `${flake}#files`)).rejects.toThrow(/hash mismatch/)
    host.instead = null
  })

  it("has nothing in it that was built, installed or only tests", async () => {
    const paths = pathsOf(await flakeTree(checkout, new Map()))
    expect(paths.filter((path) => /node_modules|\.test\.ts$|\/result|\/dist\//.test(path))).toEqual([])
    expect(paths).toContain("/agent/permissions.json")
  })

  it("has the same bytes for the same tree", async () => {
    const tree = () => flakeTree(checkout, new Map([["agent/dist/agent.mjs", agentText]]))
    const [one, other] = [
      await tarballOf(await tree(), "skypanel"),
      await tarballOf(await tree(), "skypanel"),
    ]
    expect(one.equals(other)).toBe(true)
    expect(narHashOf(await tree())).toBe(narHashOf(await tree()))
  })
})
