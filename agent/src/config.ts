import { isAbsolute } from "node:path"
import type { WorkerRole } from "@skypanel/contract/Worker"
import { Config, Context, Effect, Layer, type Redacted, Schema } from "effect"

/** How this agent is set up; all of it comes from the environment. */
export interface AgentSettings {
  /** Origin of the platform as this machine reaches it, such as `http://127.0.0.1:8080`. */
  readonly controlPlane: URL
  readonly token: Redacted.Redacted
  readonly name: string
  readonly roles: ReadonlyArray<WorkerRole>
  /** Absolute folder of this agent's own data. */
  readonly dataFolder: string
  readonly dockerSocket: string
  readonly endpointBind: string
  readonly endpointPort: number
  /** Where the platform reaches the proxy, `host:port`; by default where it listens. */
  readonly endpointAddress: string
  /** `auto`: in force where the engine's bridge is in this machine's network and we may change its rules. */
  readonly firewall: "auto" | "off"
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

const roles = Config.Literals(
  ["services", "builder", "services,builder", "builder,services"],
  "SKYPANEL_WORKER_ROLES",
).pipe(
  Config.withDefault("services" as const),
  Config.map((text) => text.split(",") as ReadonlyArray<WorkerRole>),
)

/** What a subprotocol name may consist of (RFC 7230, token); the token travels in one. */
const tokenPattern = /^[\w!#$%&'*+.^`|~-]{1,256}$/

const make = Effect.gen(function* () {
  const controlPlane = yield* Config.URL("SKYPANEL_CONTROL_PLANE")
  const dataFolder = yield* Config.NonEmptyString("SKYPANEL_DATA")
  const endpointBind = yield* Config.NonEmptyString("SKYPANEL_ENDPOINT_BIND").pipe(
    Config.withDefault("127.0.0.1"),
  )
  const endpointPort = yield* Config.Port("SKYPANEL_ENDPOINT_PORT").pipe(Config.withDefault(8000))
  if (!["http:", "https:"].includes(controlPlane.protocol))
    return yield* new SettingInvalid({
      setting: "SKYPANEL_CONTROL_PLANE",
      reason: "must be an http or https URL",
    })
  if (!isAbsolute(dataFolder))
    return yield* new SettingInvalid({ setting: "SKYPANEL_DATA", reason: "must be an absolute path" })
  const token = yield* Config.schema(
    Schema.Redacted(Schema.String.check(Schema.isPattern(tokenPattern))),
    "SKYPANEL_WORKER_TOKEN",
  )
  return {
    controlPlane,
    token,
    name: yield* Config.NonEmptyString("SKYPANEL_WORKER_NAME").pipe(Config.withDefault("worker")),
    roles: yield* roles,
    dataFolder,
    dockerSocket: yield* Config.NonEmptyString("SKYPANEL_DOCKER_SOCKET").pipe(
      Config.withDefault("/var/run/docker.sock"),
    ),
    endpointBind,
    endpointPort,
    endpointAddress: yield* Config.NonEmptyString("SKYPANEL_ENDPOINT_ADDRESS").pipe(
      Config.withDefault(`${endpointBind}:${endpointPort}`),
    ),
    firewall: yield* Config.Literals(["auto", "off"], "SKYPANEL_FIREWALL").pipe(
      Config.withDefault("auto" as const),
    ),
    development: yield* Config.Boolean("SKYPANEL_DEVELOPMENT").pipe(Config.withDefault(false)),
  } satisfies AgentSettings
})

export class AgentConfig extends Context.Service<AgentConfig, AgentSettings>()("agent/AgentConfig") {
  static readonly layer = Layer.effect(AgentConfig, make)
}
