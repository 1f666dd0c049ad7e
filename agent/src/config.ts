import { isAbsolute } from "node:path"
import { type AgentOrigin, WorkerName, WorkerRole } from "@skypanel/contract/Worker"
import { PublicKey } from "@skypanel/contract/WorkerIdentity"
import { Config, Context, Effect, Layer, Schema } from "effect"
import { addressOf } from "./edge/peerAddress.ts"

/** How this agent is set up; all of it comes from the environment. */
export interface AgentSettings {
  /** Origin of the platform as this machine reaches it, such as `https://panel.example.com`. */
  readonly controlPlane: URL
  /** Holds the installation's token, which is traded for an identity once. */
  readonly tokenFile: string | null
  /** The platform's public key, where the installation named it: nobody else is taken for it. */
  readonly platformKey: string | null
  /** What the worker shall be called where its installation does not say. Null: the machine's host name. */
  readonly name: string | null
  readonly roles: ReadonlyArray<WorkerRole>
  /** Absolute folder of this agent's own data. */
  readonly dataFolder: string
  readonly dockerSocket: string
  readonly endpointBind: string
  readonly endpointPort: number
  /** Where platform and other workers reach the proxy, `address:port`. Null: where this machine reaches the platform from. */
  readonly endpointAddress: string | null
  /** What services may be promised of this machine at most; null: all of it. */
  readonly limits: { readonly cpu: number | null; readonly memoryBytes: number | null }
  /** `auto`: in force where the engine's bridge is in this machine's network and we may change its rules. */
  readonly firewall: "auto" | "off"
  readonly origin: AgentOrigin
  /** In development nothing of the agent outlives it: neither its proxy nor its packet filter rules. */
  readonly development: boolean
}

export class SettingInvalid extends Schema.TaggedError<SettingInvalid>()("SettingInvalid", {
  setting: Schema.String,
  reason: Schema.String,
}) {
  override get message() {
    return `${this.setting} ${this.reason}`
  }
}

const isRole = Schema.is(WorkerRole)

const roles = Effect.gen(function* () {
  const text = yield* Config.NonEmptyString("SKYPANEL_WORKER_ROLES").pipe(
    Config.withDefault("services,ingress"),
  )
  const named = [...new Set(text.split(",").map((role) => role.trim()))]
  if (!named.every(isRole))
    return yield* new SettingInvalid({
      setting: "SKYPANEL_WORKER_ROLES",
      reason: `is a list of services, builder and ingress with commas between, not "${text}"`,
    })
  return named
})

/** An empty value is none: environment files have lines without values. */
const optional = (name: string) =>
  Config.String(name).pipe(
    Config.withDefault(""),
    Config.map((text) => (text.trim() === "" ? null : text.trim())),
  )

const positive = (name: string) =>
  Effect.flatMap(optional(name), (text) => {
    const value = text === null ? null : Number(text)
    return value === null || (Number.isFinite(value) && value > 0)
      ? Effect.succeed(value)
      : Effect.fail(new SettingInvalid({ setting: name, reason: `must be a number above 0, not "${text}"` }))
  })

const absolute = (setting: string, path: string) =>
  isAbsolute(path)
    ? Effect.succeed(path)
    : Effect.fail(new SettingInvalid({ setting, reason: "must be an absolute path" }))

const matching = (setting: string, schema: Schema.Codec<string, string>, value: string | null) => {
  const fits: (value: unknown) => boolean = Schema.is(schema)
  return value === null || fits(value)
    ? Effect.succeed(value)
    : Effect.fail(new SettingInvalid({ setting, reason: `cannot be "${value.slice(0, 100)}"` }))
}

const address = (value: string | null) =>
  value === null || addressOf(value) !== null
    ? Effect.succeed(value)
    : Effect.fail(
        new SettingInvalid({
          setting: "SKYPANEL_ENDPOINT_ADDRESS",
          reason: `is an address and a port, such as 192.0.2.7:80 or [2001:db8::7]:80, not "${value.slice(0, 100)}"`,
        }),
      )

const make = Effect.gen(function* () {
  const controlPlane = yield* Config.URL("SKYPANEL_CONTROL_PLANE")
  if (!["http:", "https:"].includes(controlPlane.protocol))
    return yield* new SettingInvalid({
      setting: "SKYPANEL_CONTROL_PLANE",
      reason: "must be an http or https URL",
    })
  const tokenFile = yield* optional("SKYPANEL_TOKEN_FILE")
  const memoryBytes = yield* positive("SKYPANEL_LIMIT_MEMORY")
  const origin = yield* Config.Literals(["bundle", "nixos", "development"], "SKYPANEL_ORIGIN").pipe(
    Config.withDefault("bundle" as const),
  )
  return {
    controlPlane,
    tokenFile: tokenFile === null ? null : yield* absolute("SKYPANEL_TOKEN_FILE", tokenFile),
    platformKey: yield* matching(
      "SKYPANEL_PLATFORM_KEY",
      PublicKey,
      yield* optional("SKYPANEL_PLATFORM_KEY"),
    ),
    name: yield* matching("SKYPANEL_WORKER_NAME", WorkerName, yield* optional("SKYPANEL_WORKER_NAME")),
    roles: yield* roles,
    dataFolder: yield* absolute("SKYPANEL_DATA", yield* Config.NonEmptyString("SKYPANEL_DATA")),
    dockerSocket: yield* Config.NonEmptyString("SKYPANEL_DOCKER_SOCKET").pipe(
      Config.withDefault("/var/run/docker.sock"),
    ),
    endpointBind: yield* Config.NonEmptyString("SKYPANEL_ENDPOINT_BIND").pipe(
      Config.withDefault("127.0.0.1"),
    ),
    endpointPort: yield* Config.Port("SKYPANEL_ENDPOINT_PORT").pipe(Config.withDefault(8000)),
    endpointAddress: yield* address(yield* optional("SKYPANEL_ENDPOINT_ADDRESS")),
    limits: {
      cpu: yield* positive("SKYPANEL_LIMIT_CPU"),
      memoryBytes: memoryBytes === null ? null : Math.floor(memoryBytes),
    },
    firewall: yield* Config.Literals(["auto", "off"], "SKYPANEL_FIREWALL").pipe(
      Config.withDefault("auto" as const),
    ),
    origin,
    development: origin === "development",
  } satisfies AgentSettings
})

export class AgentConfig extends Context.Service<AgentConfig, AgentSettings>()("agent/AgentConfig") {
  static readonly layer = Layer.effect(AgentConfig, make)
}
