import type { AgentRuntime } from "@skypanel/contract/Installation"
import type { Labels, WorkerRole } from "@skypanel/contract/Worker"

/** What the script that adds a worker is made from: an installation, and where the platform is for workers. */
export interface InstallationFacts {
  readonly token: string
  /** Null: the machine's host name. */
  readonly name: string | null
  readonly roles: ReadonlyArray<WorkerRole>
  readonly labels: Labels
  readonly region: string | null
  readonly runtime: AgentRuntime
  /** Origin of the platform as workers reach it, such as `https://panel.example.com`. */
  readonly controlPlane: string
  /** The platform's public key, in base64url: the worker takes nobody else for it. */
  readonly platformKey: string
  /** Where workers pull images from, `host:port`. */
  readonly registryAddress: string
  /** Where builders get npm packages from. */
  readonly npmRegistry: string
  readonly expiresAt: Date
}

/**
 * Why a token is of no use.
 * - `unknown`: there is none like it
 * - `forbidden`: it may not be used from this address
 */
export type RefusalReason = "unknown" | "used" | "revoked" | "expired" | "forbidden"

export interface Refusal {
  readonly refused: RefusalReason
}

export const isRefusal = (found: InstallationFacts | Refusal): found is Refusal => "refused" in found

/** As `uname -m` names them. */
export type Architecture = "x86_64" | "aarch64"

/** A file that the platform serves under its hash. */
export interface ServedFile {
  /** Path on the platform, such as `/install/agent/<sha256>.mjs`. */
  readonly path: string
  readonly sha256: string
  readonly bytes: number
}

/** What a worker fetches from the platform while it is installed. */
export interface InstallFiles {
  readonly agent: ServedFile & { readonly version: string }
  readonly launcher: ServedFile
  /** The runtime for each kind of machine that this platform has it for; the hash is of the uncompressed program. */
  readonly runtimes: Readonly<Partial<Record<Architecture, ServedFile>>>
  /** The platform's own flake; `narHash` is in SRI form. */
  readonly flake: ServedFile & { readonly narHash: string }
}
