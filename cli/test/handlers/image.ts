import { Api } from "@skypanel/contract/Api"
import { NotPossibleNow } from "@skypanel/contract/Errors"
import type { ImageCheck } from "@skypanel/contract/ImageCheck"
import { Effect } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import type { FakeState } from "../FakeState.ts"
import { find } from "./find.ts"

const nothing = {
  action: "off",
  minutes: null,
  state: "unknown",
  serves: null,
  found: null,
  progress: "none",
  waitsFor: null,
  checkedAt: null,
  nextAt: null,
  failure: null,
} as const

/** Finds one after the other what the test says. */
export const imageHandlers = (state: FakeState) => {
  const answer = (
    params: { readonly organization: string; readonly service: string },
    more: Partial<ImageCheck> = {},
  ) =>
    Effect.flatMap(find(state, params), ({ service: { source } }) =>
      source._tag === "image"
        ? Effect.succeed<ImageCheck>({
            ...nothing,
            reference: source.reference,
            ...(state.images.length > 1 ? state.images.shift() : state.images[0]),
            ...more,
          })
        : Effect.fail(new NotPossibleNow({ message: "That is no image.", next: "" })),
    )
  return HttpApiBuilder.group(Api, "image", (handlers) =>
    Effect.succeed(
      handlers.handleAll({
        get: ({ params }) => answer(params),
        check: ({ params }) => answer(params, { progress: "waiting" }),
        changePolicy: ({ params, payload: { action, minutes = 60 } }) =>
          answer(params, { action, minutes: action === "off" ? null : minutes }),
      }),
    ),
  )
}
