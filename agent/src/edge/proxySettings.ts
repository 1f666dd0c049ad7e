export interface ProxySettings {
  readonly bind: string
  readonly port: number
  /** The user that serves requests, when the proxy is started as root. */
  readonly user: { readonly uid: number; readonly gid: number } | null
  /** Connections of one address at a time, and new ones in ten seconds. */
  readonly sourceConnections: number
  readonly sourceRate: number
  /** Addresses that these two do not apply to. */
  readonly unlimitedSources: ReadonlyArray<string>
  /** Requests to one host at a time: no service takes all of the proxy for itself. */
  readonly hostRequests: number
  /** Connections of all addresses at a time. */
  readonly connections: number
}

export const defaultLimits = {
  sourceConnections: 100,
  sourceRate: 500,
  unlimitedSources: ["127.0.0.0/8", "::1"],
  hostRequests: 2_000,
  connections: 6_000,
} as const
