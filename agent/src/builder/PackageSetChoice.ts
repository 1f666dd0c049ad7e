import { readFile } from "node:fs/promises"
import { join } from "node:path"
import { Effect } from "effect"
import type { BuilderConfig } from "./BuilderConfig.ts"
import { runCommand } from "./Command.ts"
import { prepareEmbedded } from "./EmbeddedSet.ts"
import { findNixVersion, isAtLeast } from "./NixVersion.ts"
import type { PackageChoice, PackageSource } from "./PackageSource.ts"
import { missingPrograms } from "./Programs.ts"

/** Older than this, Nix has holes that a hostile build can use. */
const productionNix = "2.34.7"
const nixpkgsNix = "2.18"
const storeOnlyNix = "2.19"
const reachMs = 5000

interface Pinned {
  readonly reference: string
  readonly archive: string | null
}

/** The nixpkgs that flake.lock pins, or the reference that was set. */
const pinnedNixpkgs = (config: BuilderConfig): Effect.Effect<Pinned | null> => {
  if (config.nixpkgs !== "auto") return Effect.succeed({ reference: config.nixpkgs, archive: null })
  return Effect.promise(async () => {
    const text = await readFile(join(config.templates, "..", "flake.lock"), "utf8").catch(() => null)
    const locked = text === null ? null : JSON.parse(text).nodes?.nixpkgs?.locked
    if (locked?.type !== "github") return null
    const repository = `${locked.owner}/${locked.repo}`
    return {
      reference: `github:${repository}/${locked.rev}?narHash=${locked.narHash}`,
      archive: `https://github.com/${repository}/archive/${locked.rev}.tar.gz`,
    }
  })
}

const isReachable = (url: string): Effect.Effect<boolean> =>
  Effect.promise(() =>
    fetch(url, { method: "HEAD", redirect: "manual", signal: AbortSignal.timeout(reachMs) }).then(
      ({ status }) => status < 400,
      () => false,
    ),
  )

const nixSystem = () => `${process.arch === "arm64" ? "aarch64" : "x86_64"}-linux`

const prefetch = (pinned: Pinned, reason: string): Effect.Effect<PackageChoice | null> =>
  Effect.map(
    runCommand(
      [
        "nix",
        "--extra-experimental-features",
        "nix-command flakes",
        "flake",
        "prefetch",
        "--json",
        pinned.reference,
      ],
      {
        seconds: 600,
        environment: { HOME: process.env.HOME ?? "/tmp" },
      },
    ),
    ({ exitCode, stdout }) => {
      if (exitCode !== 0) return null
      const { storePath, hash } = JSON.parse(stdout) as { storePath: string; hash: string }
      return {
        set: { kind: "nixpkgs", reference: pinned.reference.replace(/\?.*$/, ""), reason },
        packages: {
          name: storePath.slice("/nix/store/".length + 33),
          path: storePath,
          narHash: hash,
          system: nixSystem(),
          arguments: "config = { }; overlays = [ ];",
        },
        bringRust: null,
        sandboxShell: null,
        npmRegistry: null,
        // Those that are not built here come from its cache, and have its signature.
        isOwnFile: () => false,
        substituters: [
          {
            url: "https://cache.nixos.org",
            key: "cache.nixos.org-1:6NCHdD59X431o0gWypbMrAURkbJ16ZPMQFGspcDShjY=",
          },
        ],
      }
    },
  )

/** Decides once, at the start, which package set this builder builds with; null when none can be had. */
const choosePackageSet = (config: BuilderConfig, nix: string): Effect.Effect<PackageChoice | null> =>
  Effect.gen(function* () {
    const note = isAtLeast(nix, productionNix)
      ? ""
      : `; Nix ${nix} is for development, production needs ${productionNix}`
    if (note !== "")
      yield* Effect.logWarning(
        `Nix ${nix} is older than ${productionNix}: this builder is for development only`,
      )
    if (config.nixpkgs === "embedded") return yield* prepareEmbedded(config, `it is set so${note}`)
    if (!isAtLeast(nix, nixpkgsNix))
      return yield* prepareEmbedded(config, `nixpkgs needs Nix ${nixpkgsNix}, this is ${nix}${note}`)
    const pinned = yield* pinnedNixpkgs(config)
    if (pinned === null) return yield* prepareEmbedded(config, `no nixpkgs is pinned${note}`)
    if (pinned.archive !== null && !(yield* isReachable(pinned.archive)))
      return yield* prepareEmbedded(config, `nixpkgs was not reached within ${reachMs / 1000} seconds${note}`)
    const source = yield* prefetch(pinned, `it was reached${note}`)
    return source ?? (yield* prepareEmbedded(config, `nixpkgs could not be fetched${note}`))
  })

/** Nix and packages, chosen and prepared in the background; builds wait for it. */
export const preparePackages = (config: BuilderConfig): Effect.Effect<PackageSource | null> =>
  Effect.gen(function* () {
    const nix = yield* findNixVersion
    if (nix === null) {
      yield* Effect.logError("Nix was not found: this worker cannot build")
      return null
    }
    const missing = yield* missingPrograms()
    if (missing.length > 0) {
      yield* Effect.logError(`this worker cannot build: ${missing.join(", ")} not found`)
      return null
    }
    const chosen = yield* choosePackageSet(config, nix)
    const source = chosen && { ...chosen, readsStoreOnly: isAtLeast(nix, storeOnlyNix) }
    if (source !== null) yield* Effect.logInfo(`builds with ${source.set.reference}: ${source.set.reason}`)
    return source
  }).pipe(Effect.catchCause((cause) => Effect.as(Effect.logError("no package set", cause), null)))
