import { Api } from "@skypanel/contract/Api"
import { Effect } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import type { FakePlatform } from "./FakePlatform.ts"
import { run } from "./streams.ts"

export const imageHandlers = (platform: FakePlatform) => {
  const { images } = platform
  return HttpApiBuilder.group(Api, "image", (handlers) =>
    Effect.succeed(
      handlers.handleAll({
        get: ({ params }) => run(platform, () => images.change(params.service, {})),
        check: ({ params }) => run(platform, () => images.change(params.service, { progress: "checking" })),
        changePolicy: ({ params, payload: { action, minutes = 60 } }) =>
          run(platform, () =>
            images.change(params.service, { action, minutes: action === "off" ? null : minutes }),
          ),
      }),
    ),
  )
}
