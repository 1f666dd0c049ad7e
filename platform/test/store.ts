import { NodeServices } from "@effect/platform-node"
import { ConfigProvider, Layer } from "effect"
import { PlatformConfig } from "../src/config.ts"
import { Database } from "../src/store/Database.ts"
import { Migrations } from "../src/store/Migrations.ts"

/** A database with our tables, for tests; `more` are settings as the environment would give them. */
export const storeFor = (url: string, more: Record<string, string> = {}) =>
  Migrations.pipe(
    Layer.provideMerge(Database),
    Layer.provideMerge(NodeServices.layer),
    Layer.provideMerge(PlatformConfig.layer),
    Layer.provideMerge(
      ConfigProvider.layer(
        ConfigProvider.fromUnknown({
          DATABASE_URL: url,
          SKYPANEL_DATA: "/nonexistent",
          SKYPANEL_SECRET: "0123456789012345678901234567890123456789",
          SKYPANEL_ADMIN_EMAIL: "somebody@example.com",
          SKYPANEL_ADMIN_PASSWORD: "a long test password",
          ...more,
        }),
      ),
    ),
  )
