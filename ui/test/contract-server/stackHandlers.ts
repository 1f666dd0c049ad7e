import { Api } from "@skypanel/contract/Api"
import { Effect } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import type { FakePlatform } from "./FakePlatform.ts"
import { run } from "./streams.ts"

export const stackHandlers = (platform: FakePlatform) => {
  const { stacks } = platform
  return HttpApiBuilder.group(Api, "stacks", (handlers) =>
    Effect.succeed(
      handlers.handleAll({
        list: ({ params }) =>
          run(platform, () => (params.organization === "acme" ? [...stacks.stacks.values()] : [])),
        create: ({ payload }) => run(platform, () => stacks.create(payload)),
        get: ({ params }) => run(platform, () => stacks.find(params.stack)),
        update: ({ params, payload }) => run(platform, () => stacks.update(params.stack, payload.services)),
        rollBack: ({ params, payload }) =>
          run(platform, () => stacks.revise(stacks.find(params.stack), "rollback", payload.revision)),
        rotate: ({ params }) => run(platform, () => stacks.rotate(params.stack, params.secret)),
        delete: ({ params }) => run(platform, () => stacks.delete(params.stack)),
        reveal: ({ params }) => run(platform, () => stacks.reveal(params.stack, params.secret)),
      }),
    ),
  )
}
