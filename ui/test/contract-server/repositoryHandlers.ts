import { Api } from "@skypanel/contract/Api"
import { Effect } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import type { FakePlatform } from "./FakePlatform.ts"
import { by, newHook } from "./FakeRepositories.ts"
import { run } from "./streams.ts"

export const repositoryHandlers = (platform: FakePlatform) => {
  const { repositories } = platform
  return HttpApiBuilder.group(Api, "repository", (handlers) =>
    Effect.succeed(
      handlers.handleAll({
        get: ({ params }) => run(platform, () => repositories.change(params.service, {})),
        giveToken: ({ params, payload }) =>
          run(platform, () =>
            repositories.change(params.service, {
              credential: {
                kind: "token",
                origin: "https://git.example.org",
                username: payload.username ?? "git",
                publicKey: null,
                ...by(),
              },
            }),
          ),
        makeDeployKey: ({ params }) =>
          run(platform, () =>
            repositories.change(params.service, {
              credential: {
                kind: "deploy-key",
                origin: "ssh://git.example.org",
                username: null,
                publicKey: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKeyOfTheFake skypanel-acme-shop",
                ...by(),
              },
            }),
          ),
        removeCredential: ({ params }) =>
          run(platform, () => repositories.change(params.service, { credential: null })),
        forgetHostKeys: ({ params }) =>
          run(platform, () => repositories.change(params.service, { hostKeys: [] })),
        makeHook: ({ params }) =>
          run(platform, () => {
            const hook = repositories.of(params.service).hook ?? newHook()
            return { repository: repositories.change(params.service, { hook }), secret: "shown-this-once" }
          }),
        changeHook: ({ params, payload }) =>
          run(platform, () =>
            repositories.change(params.service, {
              hook: { ...(repositories.of(params.service).hook ?? newHook()), ...payload },
            }),
          ),
        removeHook: ({ params }) =>
          run(platform, () => repositories.change(params.service, { hook: null, deliveries: [] })),
        changePoll: ({ params, payload: { minutes } }) =>
          run(platform, () =>
            repositories.change(params.service, {
              poll: minutes === null ? null : { minutes, answeredAt: null, revision: null, problem: null },
            }),
          ),
        deliveries: ({ params }) => run(platform, () => repositories.of(params.service).deliveries),
      }),
    ),
  )
}
