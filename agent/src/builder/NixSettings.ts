import { builderCount } from "./Confinement.ts"

/** What bounds a run of Nix. */
export interface NixLimits {
  readonly buildSeconds: number
  readonly silentSeconds: number
  readonly logBytes: number
}

/** What a realisation may use besides the derivation. */
export interface BuildMeans {
  readonly substituters: ReadonlyArray<{ readonly url: string; readonly key: string }>
  readonly sandboxShell: string | null
}

const noMeans: BuildMeans = { substituters: [], sandboxShell: null }

/*
 * Everything that Nix lets a machine's own configuration decide is decided here; /etc/nix does not exist where it
 * runs. Not one of these can be changed by what is evaluated or built.
 */
const always = {
  "experimental-features": "nix-command flakes",
  "accept-flake-config": "false",
  "allow-import-from-derivation": "false",
  "allow-new-privileges": "false",
  "allow-unsafe-native-code-during-evaluation": "false",
  "allowed-uris": "",
  builders: "",
  "build-poll-interval": "1",
  "connect-timeout": "15",
  "download-attempts": "3",
  "diff-hook": "",
  fallback: "false",
  "filter-syscalls": "true",
  "flake-registry": "",
  "keep-derivations": "false",
  "keep-outputs": "false",
  "netrc-file": "/dev/null",
  "plugin-files": "",
  "post-build-hook": "",
  "pre-build-hook": "",
  "pure-eval": "true",
  "require-sigs": "true",
  "run-diff-hook": "false",
  sandbox: "true",
  "sandbox-fallback": "false",
  "system-features": "benchmark big-parallel",
  "tarball-ttl": "0",
  "use-registries": "false",
  "warn-dirty": "false",
}

export const nixSettings = (
  role: "evaluate" | "build" | "copy",
  limits: NixLimits,
  cores: number,
  { substituters, sandboxShell }: BuildMeans = noMeans,
): string => {
  const settings: Record<string, string> = {
    ...always,
    // Registering a derivation needs no build user; where there is none, Nix does not change the store's owner.
    "build-users-group": role === "build" ? "nixbld" : "",
    "restrict-eval": role === "evaluate" ? "true" : "false",
    substituters: [...new Set(substituters.map(({ url }) => url))].join(" "),
    "trusted-public-keys": substituters.map(({ key }) => key).join(" "),
    ...(sandboxShell === null ? {} : { "sandbox-paths": `/bin/sh=${sandboxShell}` }),
    "max-jobs": String(Math.min(builderCount, Math.max(1, cores))),
    cores: String(Math.max(1, cores)),
    timeout: String(limits.buildSeconds),
    "max-silent-time": String(limits.silentSeconds),
    "max-build-log-size": String(limits.logBytes),
  }
  return Object.entries(settings)
    .map(([name, value]) => `${name} = ${value}\n`)
    .join("")
}
