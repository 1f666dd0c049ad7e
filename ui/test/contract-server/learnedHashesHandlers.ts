import { Api } from "@skypanel/contract/Api"
import { Effect } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import type { FakePlatform } from "./FakePlatform.ts"
import { run } from "./streams.ts"

export const learnedHashesHandlers = (platform: FakePlatform) =>
  HttpApiBuilder.group(Api, "learnedHashes", (handlers) =>
    Effect.succeed(
      handlers.handleAll({
        list: ({ params }) => run(platform, () => platform.learned.get(params.service) ?? []),
        forget: ({ params }) =>
          run(platform, () => {
            const left = (platform.learned.get(params.service) ?? []).filter(
              ({ lock }) => lock !== params.lock,
            )
            platform.learned.set(params.service, left)
            return left
          }),
      }),
    ),
  )
