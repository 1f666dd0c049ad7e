import { Api } from "@skypanel/contract/Api"
import { Effect, Stream } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { stackDifference, trialLines } from "./FakeLibrary.ts"
import type { FakePlatform } from "./FakePlatform.ts"
import { run } from "./streams.ts"

export const stackTemplateHandlers = (platform: FakePlatform) => {
  const { library } = platform
  return HttpApiBuilder.group(Api, "stackTemplates", (handlers) =>
    Effect.succeed(
      handlers.handleAll({
        list: () => run(platform, () => library.offered()),
        manage: ({ params }) =>
          run(platform, () => (params.organization === "acme" ? [...library.histories.values()] : [])),
        check: ({ payload }) => run(platform, () => library.check(payload)),
        get: ({ params }) => run(platform, () => library.find(params.template)),
        add: ({ payload }) => run(platform, () => library.add(payload)),
        remove: ({ params }) =>
          run(platform, () => void library.put({ ...library.find(params.template), removed: true })),
        validate: ({ params }) => run(platform, () => library.validate(params.template, params.number)),
        trialLog: ({ params }) => run(platform, () => Stream.encodeText(Stream.make(`${params.service}\n`))),
        followTrial: ({ params }) =>
          run(platform, () => Stream.fromIterable(trialLines(`${params.template}-${params.service}`))),
        publish: ({ params }) =>
          run(platform, () => library.change(params.template, params.number, () => ({ state: "published" }))),
        withdraw: ({ params }) => run(platform, () => library.withdraw(params.template, params.number)),
        compare: () => run(platform, () => stackDifference),
        ofStack: ({ params }) =>
          run(platform, () => library.standing(platform.stacks.find(params.stack).template)),
      }),
    ),
  )
}
