import { Config } from "effect"

/** How this builder is set up; all of it comes from the environment. */
export interface BuilderConfig {
  /** Origin of the platform as this machine reaches it, such as `http://127.0.0.1:8080`. */
  readonly controlPlane: string
  /** Absolute folder of this agent's own data; builds work in `builds/` in it. */
  readonly dataFolder: string
  /** `auto`, `embedded`, or a flake reference of nixpkgs. */
  readonly nixpkgs: string
  /** Origin of the npm registry; builds may reach its host and port wherever that is. */
  readonly npmRegistry: string
  /** Where crates of crates.io come from; builds may reach its host and port wherever that is. */
  readonly crates: string
  /** Where modules of Go come from, as in GOPROXY; builds may reach its host and port wherever that is. */
  readonly goProxy: string
  /** Where files of PyPI come from; builds may reach its host and port wherever that is. */
  readonly wheels: string
  /** Origin of a mirror of Docker Hub that base images of Dockerfiles come from, wherever it is; null: Docker Hub. */
  readonly baseImageMirror: string | null
  /** Absolute folder with a folder per template, and `builders/`. */
  readonly templates: string
  /** Absolute folder of the embedded package set. */
  readonly embedded: string
  /** Plain http, loopback and private addresses in Git URLs: for development. */
  readonly allowPrivateGit: boolean
  /** How many builds run at a time. */
  readonly concurrency: number
  /** How much a build may take from the disk, in bytes and in files. */
  readonly diskBytes: number
  readonly diskFiles: number
}

/** It is part of what is built, which others read. */
const withoutPassword = (text: string): string => {
  const { origin, pathname } = new URL(text)
  return `${origin}${pathname}`.replace(/\/+$/, "")
}

export const builderConfig: Config.Config<BuilderConfig> = Config.all({
  controlPlane: Config.NonEmptyString("SKYPANEL_CONTROL_PLANE").pipe(
    Config.map((text) => text.replace(/\/+$/, "")),
  ),
  dataFolder: Config.NonEmptyString("SKYPANEL_DATA"),
  nixpkgs: Config.NonEmptyString("SKYPANEL_NIXPKGS").pipe(Config.withDefault("auto")),
  npmRegistry: Config.NonEmptyString("SKYPANEL_NPM_REGISTRY"),
  crates: Config.NonEmptyString("SKYPANEL_CRATES").pipe(
    Config.withDefault("https://static.crates.io/crates"),
    Config.map(withoutPassword),
  ),
  goProxy: Config.NonEmptyString("SKYPANEL_GO_PROXY").pipe(
    Config.withDefault("https://proxy.golang.org"),
    Config.map(withoutPassword),
  ),
  wheels: Config.NonEmptyString("SKYPANEL_WHEELS").pipe(
    Config.withDefault("https://files.pythonhosted.org/packages"),
    Config.map(withoutPassword),
  ),
  baseImageMirror: Config.String("SKYPANEL_BASE_IMAGE_MIRROR").pipe(
    Config.withDefault(""),
    Config.map((text) => (text === "" ? null : new URL(text).origin)),
  ),
  templates: Config.NonEmptyString("SKYPANEL_TEMPLATES"),
  embedded: Config.NonEmptyString("SKYPANEL_EMBEDDED"),
  allowPrivateGit: Config.Boolean("SKYPANEL_ALLOW_PRIVATE_GIT").pipe(Config.withDefault(false)),
  concurrency: Config.Int("SKYPANEL_BUILDS").pipe(Config.withDefault(2)),
  diskBytes: Config.Int("SKYPANEL_BUILD_DISK_BYTES").pipe(Config.withDefault(16 * 1024 ** 3)),
  diskFiles: Config.Int("SKYPANEL_BUILD_DISK_FILES").pipe(Config.withDefault(2_000_000)),
})
