import { describe, expect, it } from "vitest"
import { facts, files } from "../../test/installation.ts"
import { renderCommand, renderNixos, renderScript } from "./render.ts"
import { parts } from "./scriptParts.ts"

const hostile = `'; touch /tmp/pwned; $(touch /tmp/pwned) #`

describe("renderScript", () => {
  it("refuses line breaks, also in what only its comments say", () => {
    const broken = "x\ntouch /tmp/pwned"
    for (const more of [
      { token: broken },
      { name: broken },
      { region: broken },
      { labels: { disk: broken } },
    ])
      expect(() => renderScript(facts(more), files)).toThrow("control character")
  })

  it("keeps hostile labels in a comment", () => {
    const script = renderScript(facts({ labels: { disk: hostile }, region: hostile }), files)
    expect(script.split("\n").filter((line) => line.includes("pwned") && !line.startsWith("#"))).toEqual([])
  })

  it("has no token on a command line", () => {
    const used = parts
      .join("\n")
      .split("\n")
      .filter((line) => line.includes('"$token"'))
    expect(used.length).toBeGreaterThan(0)
    // `printf` is the shell's own: it starts no program.
    for (const line of used) expect(line).toMatch(/printf '%s\\n' "\$token"/)
  })

  it("fills every placeholder of the flake that is the platform's to fill", () => {
    const script = renderScript(facts(), files)
    const left = new Set(Array.from(script.matchAll(/@(\w+)@/g), ([, name]) => name))
    expect([...left].sort()).toEqual(["hostName", "machineIsFlake"])
  })

  it("offers the runtime for the kinds of machines that there is one for", () => {
    const script = renderScript(facts(), files)
    expect(script).toContain(`runtime_sha256_x86_64='${"c".repeat(64)}'`)
    expect(script).toContain("runtime_path_aarch64=''")
  })
})

describe("renderCommand", () => {
  it("is one line for a root shell", () => {
    expect(renderCommand(facts())).toBe(
      `curl -fsSL 'https://panel.example.com/install/${"T".repeat(43)}' | sh`,
    )
  })
})

describe("renderNixos", () => {
  it("names the flake with its hash, and what the module needs", () => {
    const lines = renderNixos(facts(), files)
    expect(lines).toContain("narHash=sha256-47DEQpj8HBSa%2B%2FTImW%2B5JCeuQeRkm5NMpJWZG3hSuFU%3D")
    expect(lines).toContain('controlPlane = "https://panel.example.com";')
    expect(lines).toContain('roles = [ "services" "ingress" ];')
    expect(lines).toContain("insecureRegistries = [ ];")
  })

  it("pulls without TLS only from a platform that has none", () => {
    const platform = { controlPlane: "http://10.0.0.1:8080", registryAddress: "10.0.0.1:8080" }
    expect(renderNixos(facts(platform), files)).toContain('insecureRegistries = [ "10.0.0.1:8080" ];')
  })

  it("takes what looks like Nix for a text", () => {
    const platformKey = 'x"; $' + "{builtins.exec []} \\"
    expect(renderNixos(facts({ platformKey }), files)).toContain(
      'platformKey = "x\\"; \\$' + '{builtins.exec []} \\\\";',
    )
  })
})
