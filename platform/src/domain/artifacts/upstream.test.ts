import { Schema } from "effect"
import { describe, expect, it } from "vitest"
import { fingerprint, parseAwaitedName, printAwaitedNarInfo } from "./narInfo.ts"
import { generateSecretKey, parseSecretKey, signFingerprint } from "./signature.ts"
import { parseUpstreamNarInfo, UpstreamCache, verifiedSignatures } from "./upstream.ts"

const narInfo = `StorePath: /nix/store/00bgd045z0d4icpbc2yyz4gx48ak44la-net-tools-1.60_p20170221182432
URL: nar/1094wph9z4nwlgvsd53abfz8i117ykiv5dwnq9nnhz846s7xqd7d.nar.xz
Compression: xz
FileHash: sha256:1094wph9z4nwlgvsd53abfz8i117ykiv5dwnq9nnhz846s7xqd7d
FileSize: 114980
NarHash: sha256:0lxjvvpr59c2mdram7ympy5ay741f180kv3349hvfc3f8nrmbqf6
NarSize: 464152
References: 7gx4kiv5m0i7d7qkixq2cwzbr10lvxwc-glibc-2.27
Deriver: 10dx1q4ivjb115y3h90mipaaz533nr0d-net-tools-1.60_p20170221182432.drv
Sig: cache.nixos.org-1:sn5s/RrqEI+YG6/PjwdbPjcAC7rcta7sJU4mFOawGvJBLsWkyLtBrT2EuFt/LJjWkTZ+ZWOI9NTtjo/woMdvAg==
`
const key = "cache.nixos.org-1:6NCHdD59X431o0gWypbMrAURkbJ16ZPMQFGspcDShjY="

describe("a narinfo of the public cache", () => {
  const info = parseUpstreamNarInfo(narInfo)

  it("is read with its compression, and is signed by the cache's key", () => {
    expect(info).toMatchObject({ compression: "xz", fileSize: 114_980, narSize: 464_152 })
    expect(verifiedSignatures(info, [key])).toEqual([{ publicKey: key, signature: info.signatures[0] }])
  })

  it("is signed by nobody when anything of it is another", () => {
    for (const wrong of [{ narSize: 1 }, { narHash: "0".repeat(64) }, { references: [] }])
      expect(verifiedSignatures({ ...info, ...wrong }, [key])).toEqual([])
    const secret = parseSecretKey(generateSecretKey("cache.nixos.org-1"))!
    const signatures = [signFingerprint(secret, fingerprint(info))]
    expect(verifiedSignatures({ ...info, signatures }, [key])).toEqual([])
    expect(verifiedSignatures({ ...info, signatures }, [key, secret.publicText])).toHaveLength(1)
  })

  it("is said with an address under which its file is found by path and archive", () => {
    const url = /^URL: nar\/(.*)$/m.exec(printAwaitedNarInfo(info))![1]!
    expect(parseAwaitedName(url)).toEqual({ hash: info.storePath.hash, narHash: info.narHash })
    expect(parseUpstreamNarInfo(printAwaitedNarInfo(info))).toMatchObject({
      compression: "zstd",
      fileHash: null,
    })
  })

  it("without a compression is bzip2, and with an unknown one is refused", () => {
    expect(parseUpstreamNarInfo(narInfo.replace(/Compression: .*\n/, "")).compression).toBe("bzip2")
    expect(() => parseUpstreamNarInfo(narInfo.replace("Compression: xz", "Compression: lzip"))).toThrow(
      "lzip",
    )
  })
})

it("has a URL without credentials, and keys", () => {
  const decode = Schema.decodeUnknownSync(UpstreamCache)
  expect(decode({ url: "https://cache.nixos.org", publicKeys: [key] }).priority).toBe(50)
  for (const url of ["ftp://x", "https://user:password@x", "https://x?trusted=1", "file:///x"])
    expect(() => decode({ url, publicKeys: [key] })).toThrow()
  expect(() => decode({ url: "https://x", publicKeys: [] })).toThrow("at least one public key")
  expect(() => decode({ url: "https://x", publicKeys: ["x"] })).toThrow("name:base64")
})
