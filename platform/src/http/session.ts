import { Api } from "@skypanel/contract/Api"
import { CurrentUser, type Session } from "@skypanel/contract/Session"
import { Effect } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import packageFile from "../../package.json" with { type: "json" }
import { Auth } from "../auth/Auth.ts"
import { PlatformConfig } from "../config.ts"
import { largest } from "../domain/capacity.ts"
import { defaultPrices } from "../domain/prices.ts"
import { orUnavailable } from "../store/Database.ts"
import { builderPackageSet, knownCapacities } from "../store/Workers.ts"

export const layerSession = HttpApiBuilder.group(
  Api,
  "session",
  Effect.fn(function* (handlers) {
    const config = yield* PlatformConfig
    const auth = yield* Auth
    return handlers.handle("get", () =>
      Effect.gen(function* () {
        const user = yield* CurrentUser
        return {
          user,
          organizations: yield* auth.memberships(user.id),
          platform: {
            version: packageFile.version,
            development: config.development,
            endpointDomain: config.endpointDomain,
            endpointPort: config.endpointPort,
            prices: defaultPrices,
            packageSet: yield* builderPackageSet,
            largestWorker: largest(yield* knownCapacities),
          },
        } satisfies Session
      }).pipe(orUnavailable),
    )
  }),
)
