import { execFile } from "node:child_process"
import { createHash } from "node:crypto"
import { createServer, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import { promisify } from "node:util"
import { gzipSync } from "node:zlib"
import type { BuildAssignment } from "@skypanel/contract/BuildAssignment"
import type { LearnedHash } from "@skypanel/contract/LearnedHash"
import type { Source } from "@skypanel/contract/Source"
import { Effect } from "effect"
import { afterAll, beforeAll, expect, it } from "vitest"
import { file, pack } from "../agent/src/builder/testing/Folders.ts"
import { goSumOf, ModuleProxy } from "../agent/src/builder/testing/ModuleProxy.ts"
import { nonce, until } from "../agent/src/builder/testing/Processes.ts"
import { assignment, openWorkbench, type Workbench } from "../agent/src/builder/testing/Workbench.ts"
import { ArtifactStore } from "../platform/src/artifacts/ArtifactStore.ts"
import {
  type ArtifactServer,
  otherUploadToken,
  startArtifactServer,
  uploadToken,
} from "../platform/test/artifactServer.ts"
import { addBuildOf, age, collectNow, query } from "../platform/test/collection.ts"
import { usePostgres } from "./lab/fixtures.ts"

/** What one builder has fetched, another has from the platform: real Nix, the real artifact store, and no registry any more. */

const postgres = usePostgres()
const proxy = new ModuleProxy()
const words = `fetched ${nonce()}`
let asked = 0
const crates = createServer((_, answer) => {
  asked++
  answer.end(words)
})
let artifacts: ArtifactServer
let publicKey: string
const benches: Array<Workbench> = []

const module = {
  path: "example.org/greet",
  version: "v1.2.3",
  files: { "greet.go": `package greet\n\nconst Words = "hello ${nonce()}"\n` },
}
/** Each has the same go.sum, and another program. */
const shopOf = (name: string) =>
  pack(
    file("go.mod", "module example.org/shop\n\ngo 1.19\n\nrequire example.org/greet v1.2.3\n"),
    file("go.sum", goSumOf(module)),
    file(
      "main.go",
      `package main\n\nimport "example.org/greet"\n\nfunc main() { println("${name}", greet.Words) }\n`,
    ),
  )
let shop = shopOf("none")
/** The platform, as far as a builder asks it. */
const platform = createServer((request, answer) => {
  if (request.url?.startsWith("/folders/")) return void answer.end(gzipSync(shop))
  artifacts.server.emit("request", request, answer)
})

const listen = (server: Server) =>
  new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve)).then(
    () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
  )
const close = (server: Server) => {
  server.closeAllConnections()
  return new Promise((resolve) => server.close(resolve))
}

let urls: { readonly platform: string; readonly crates: string }
beforeAll(async () => {
  artifacts = await startArtifactServer(await postgres().database())
  publicKey = await artifacts.runtime.runPromise(Effect.map(ArtifactStore, (store) => store.publicKey))
  await addBuildOf(artifacts, "svc_mine", uploadToken)
  await addBuildOf(artifacts, "svc_theirs", otherUploadToken)
  await proxy.open()
  proxy.publish(module)
  urls = { platform: await listen(platform), crates: await listen(crates) }
}, 60_000)
afterAll(async () => {
  for (const bench of benches) await bench.close()
  await Promise.all([close(platform), close(crates), proxy.close()])
  await artifacts?.close()
})

const newBuilder = async () => {
  const bench = await openWorkbench({
    controlPlane: urls.platform,
    goProxy: proxy.url,
    crates: urls.crates,
  })
  benches.push(bench)
  return bench
}

/** A Nix expression that has a file by its hash, as crates and packages of npm are had. */
const speaker = (name: string): Source => ({
  _tag: "expression",
  expression: `{ pkgs, ... }:
    let words = pkgs.fetchurl {
      url = "${urls.crates}/words";
      sha256 = "${createHash("sha256").update(words).digest("hex")}";
    };
    in pkgs.runCommand "speaker" { name = "${name}"; } "mkdir -p $out/bin; cp \${words} $out/bin/${name}; chmod +x $out/bin/${name}"`,
})
const goService = (name: string): Source => {
  shop = shopOf(name)
  const digest = createHash("sha256").update(shop).digest("hex")
  return { _tag: "folder", digest, files: 3, bytes: shop.length, origin: "push", revision: "a".repeat(40) }
}

const run = async (
  bench: Workbench,
  source: Source,
  token: string,
  learned: ReadonlyArray<LearnedHash> = [],
) => {
  const build: BuildAssignment = {
    ...assignment(source),
    serviceId: `svc_${"0".repeat(24)}` as NonNullable<BuildAssignment["serviceId"]>,
    uploadPath: `/cache/push/${token}?compression=zstd`,
    cachePublicKeys: [publicKey],
    learned,
  }
  await bench.assign(build)
  const { observed, lines } = await bench.finished(build.id)
  await bench.unassign(build.id)
  return { observed, texts: lines.map(({ text }) => text) }
}

/** Takes from this machine's store what builds have said they used: the next builder has an empty one, as far as that goes. */
const forgetDependencies = async () => {
  const rows = await query<{ path: string }>(
    artifacts,
    "select distinct '/nix/store/' || base as path from service_dependency",
  )
  const paths = rows.map(({ path }) => path)
  await until("the dependencies have gone from the store", () =>
    promisify(execFile)("nix-store", ["--delete", ...paths]).then(
      () => true,
      () => false,
    ),
  )
  return paths.map((path) => path.slice(44)).sort()
}

it("what one builder has fetched, another has when nobody else has it any more; and no other organization", async () => {
  const first = await newBuilder()
  const learning = await run(first, goService("first"), uploadToken)
  expect(learning.observed.failure).toBeNull()
  expect(learning.texts).toContain("uploading 1 of 1 dependencies, for builds on other builders")
  const { learned } = learning.observed
  const speaking = await run(first, speaker("first"), uploadToken)
  expect(speaking.observed.failure).toBeNull()
  expect([proxy.requests.length > 0, asked]).toEqual([true, 1])

  // Nothing leads there but that the service's builds have used it.
  await age(artifacts, 24 * 100)
  await collectNow(artifacts)
  await Promise.all([proxy.close(), close(crates)])
  expect(await forgetDependencies()).toEqual(["go-modules", "words"])

  const second = await newBuilder()
  const theirs = await run(second, speaker("theirs"), otherUploadToken)
  expect(theirs.observed.phase).toBe("failed")
  expect(theirs.texts).not.toContain("downloading words")
  const built = await run(second, goService("second"), uploadToken, learned)
  expect(built.observed.failure).toBeNull()
  expect(built.texts).toContain("downloading go-modules")
  expect(built.texts.filter((text) => text.startsWith("uploading 1 of"))).toEqual([])
  const spoken = await run(second, speaker("second"), uploadToken)
  expect(spoken.observed.failure).toBeNull()
  expect(spoken.texts).toContain("downloading words")
}, 180_000)
