import { describe, expect, it } from "vitest"
import { headerOf, versionName } from "./bundleHeader.ts"
import { commandLine, type Places } from "./commandLine.ts"

const header = {
  version: "0.1.0",
  deno: { services: ["--allow-net", "--allow-read=<data>,<docker>"], builder: ["--allow-all"] },
}
const places: Places = {
  runtime: "deno",
  program: "/lib/deno",
  dataFolder: "/var/lib/skypanel",
  dockerSocket: "/run/docker.sock",
  roles: ["services"],
}

describe("headerOf", () => {
  it("reads a bundle's first line", () => {
    expect(headerOf(`// ${JSON.stringify(header)}\nimport "node:fs"\n`)).toEqual(header)
  })

  it("takes nothing else for one", () => {
    for (const bundle of [
      "",
      "import 1\n",
      "// hello\n",
      '// {"version":1}\n',
      '// {"version":"1","deno":{}}\n',
    ])
      expect(headerOf(bundle)).toBeNull()
  })
})

describe("commandLine", () => {
  it("gives a bundle on Deno what its first line asks for, with this machine's places", () => {
    const line = commandLine("/bundle.mjs", header, places)
    expect(line.slice(0, 2)).toEqual(["/lib/deno", "run"])
    expect(line.slice(-3)).toEqual([
      "--allow-net",
      "--allow-read=/var/lib/skypanel,/run/docker.sock",
      "/bundle.mjs",
    ])
    expect(line).toContain("--no-prompt")
  })

  it("gives a builder what builders ask for", () => {
    const roles = ["services", "builder"]
    expect(commandLine("/bundle.mjs", header, { ...places, roles }).slice(-2)).toEqual([
      "--allow-all",
      "/bundle.mjs",
    ])
  })

  it("just runs it on Node", () => {
    expect(commandLine("/bundle.mjs", header, { ...places, runtime: "node", program: "/lib/node" })).toEqual([
      "/lib/node",
      "/bundle.mjs",
    ])
  })
})

describe("versionName", () => {
  it("is the package's version and the beginning of the hash", () => {
    expect(versionName("0.1.0", "0123456789abcdef".repeat(4))).toBe("0.1.0+01234567")
  })
})
