import { fileURLToPath } from "node:url"
import { Config, Context, Effect, Layer, Redacted, Schema } from "effect"
import { UpstreamCache } from "./domain/artifacts/upstream.ts"

/** Everything the platform reads from its environment; `.env.example` says what each value means. */
export class PlatformConfig extends Context.Service<
  PlatformConfig,
  {
    readonly databaseUrl: Redacted.Redacted
    readonly host: string
    readonly port: number
    readonly publicUrl: string
    readonly dataFolder: string
    readonly secret: Redacted.Redacted
    readonly dockerSocket: string
    /** Where workers reach the cluster's manager. */
    readonly swarmAddress: string
    readonly endpointDomain: string
    readonly endpointPort: number
    readonly allowPrivateGit: boolean
    /** Where builders get npm packages from; empty: nowhere. */
    readonly npmRegistry: string
    /** A proxy in front says where requests come from, in X-Forwarded-For. */
    readonly behindProxy: boolean
    readonly administratorEmail: string
    readonly administratorPassword: Redacted.Redacted
    readonly development: boolean
    /** Serve the page as it was built, or from its sources with live reload. */
    readonly ui: "built" | "sources"
    /** Where the built page is. */
    readonly uiFolder: string
    /** How long a release may take from its start to its first healthy answer. */
    readonly healthDeadlineSeconds: number
    /** How many builds of one organization run at the same time. */
    readonly buildsPerOrganization: number
    /** How many days the log of a build is kept; that of a service's newest build stays. */
    readonly buildLogDays: number
    /** How workers reach the registry, such as `127.0.0.1:8080`. */
    readonly registryAddress: string
    /** The mail server as `smtp[s]://user:password@host:port`; empty: no e-mail is sent. */
    readonly smtpUrl: Redacted.Redacted
    /** Whom e-mails come from, such as `SkyPanel <skypanel@example.com>`. */
    readonly mailFrom: string
    /** How many layers are compressed at a time as they are pulled, 0: none; null: half the processors. */
    readonly layerCompressions: number | null
    /** How many bytes of layers are kept as they were sent, 0: none; null: 2 GiB. */
    readonly keptLayerBytes: number | null
    /** The bucket where NARs lie, `https://access:secret@host/bucket`; empty: in the data folder. See docs/artifacts.md. */
    readonly bucketUrl: Redacted.Redacted
    /** Public caches that the binary cache asks for what it does not have; see docs/binary-cache.md. */
    readonly upstreamCaches: ReadonlyArray<UpstreamCache>
  }
>()("platform/config/PlatformConfig") {
  static readonly layer = Layer.effect(
    PlatformConfig,
    Effect.gen(function* () {
      const port = yield* Config.Port("SKYPANEL_PORT").pipe(Config.withDefault(8080))
      const host = yield* Config.String("SKYPANEL_HOST").pipe(Config.withDefault("127.0.0.1"))
      return PlatformConfig.of({
        databaseUrl: yield* Config.Redacted("DATABASE_URL"),
        host,
        port,
        publicUrl: yield* Config.String("SKYPANEL_PUBLIC_URL").pipe(
          Config.withDefault(`http://localhost:${port}`),
        ),
        dataFolder: yield* Config.NonEmptyString("SKYPANEL_DATA"),
        secret: yield* Config.Redacted("SKYPANEL_SECRET"),
        dockerSocket: yield* Config.String("SKYPANEL_DOCKER_SOCKET").pipe(
          Config.withDefault("/var/run/docker.sock"),
        ),
        swarmAddress: yield* Config.String("SKYPANEL_SWARM_ADDRESS").pipe(Config.withDefault("127.0.0.1")),
        endpointDomain: yield* Config.String("SKYPANEL_ENDPOINT_DOMAIN").pipe(
          Config.withDefault("localhost"),
        ),
        endpointPort: yield* Config.Port("SKYPANEL_ENDPOINT_PORT").pipe(Config.withDefault(8000)),
        allowPrivateGit: yield* Config.Boolean("SKYPANEL_ALLOW_PRIVATE_GIT").pipe(Config.withDefault(false)),
        npmRegistry: yield* Config.String("SKYPANEL_NPM_REGISTRY").pipe(Config.withDefault("")),
        behindProxy: yield* Config.Boolean("SKYPANEL_BEHIND_PROXY").pipe(Config.withDefault(false)),
        administratorEmail: yield* Config.NonEmptyString("SKYPANEL_ADMIN_EMAIL"),
        administratorPassword: yield* Config.Redacted("SKYPANEL_ADMIN_PASSWORD"),
        development: yield* Config.Boolean("SKYPANEL_DEVELOPMENT").pipe(Config.withDefault(false)),
        ui: yield* Config.Literals(["built", "sources"], "SKYPANEL_UI").pipe(
          Config.withDefault("built" as const),
        ),
        uiFolder: yield* Config.String("SKYPANEL_UI_FOLDER").pipe(
          Config.withDefault(fileURLToPath(new URL("../../ui/dist", import.meta.url))),
        ),
        healthDeadlineSeconds: yield* Config.Int("SKYPANEL_HEALTH_DEADLINE_SECONDS").pipe(
          Config.withDefault(60),
        ),
        buildsPerOrganization: yield* Config.Int("SKYPANEL_BUILDS_PER_ORGANIZATION").pipe(
          Config.withDefault(2),
        ),
        buildLogDays: yield* Config.Int("SKYPANEL_BUILD_LOG_DAYS").pipe(Config.withDefault(90)),
        registryAddress: yield* Config.String("SKYPANEL_REGISTRY_ADDRESS").pipe(
          Config.withDefault(`${host}:${port}`),
        ),
        smtpUrl: yield* Config.Redacted("SKYPANEL_SMTP_URL").pipe(Config.withDefault(Redacted.make(""))),
        mailFrom: yield* Config.String("SKYPANEL_MAIL_FROM").pipe(Config.withDefault("")),
        layerCompressions: yield* Config.Int("SKYPANEL_LAYER_COMPRESSIONS").pipe(Config.withDefault(null)),
        keptLayerBytes: yield* Config.Int("SKYPANEL_KEPT_LAYER_BYTES").pipe(Config.withDefault(null)),
        bucketUrl: yield* Config.Redacted("SKYPANEL_BUCKET_URL").pipe(Config.withDefault(Redacted.make(""))),
        upstreamCaches: yield* Config.schema(
          Schema.fromJsonString(Schema.Array(UpstreamCache)),
          "SKYPANEL_UPSTREAM_CACHES",
        ).pipe(Config.withDefault([])),
      })
    }),
  )

  /** The URL that leads to an endpoint's host name. */
  static readonly endpointUrl = (config: { endpointPort: number }, host: string): string =>
    `http://${host}${config.endpointPort === 80 ? "" : `:${config.endpointPort}`}`
}
